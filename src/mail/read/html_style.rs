//! Which HTML elements a reader sees, and how they break the text into lines.

/// What an element's attributes say, as far as it matters to a reader.
#[derive(Debug, Default)]
pub struct Attributes {
    pub href: String,
    pub src: String,
    pub alt: String,
    pub width: String,
    pub height: String,
    pub class: String,
    pub kind: String,
    pub name: String,
    pub style: String,
    pub hidden: bool,
}

impl Attributes {
    /// The place where the value of the attribute `name` is kept, if it is of interest.
    pub fn slot(&mut self, name: &[u8]) -> Option<&mut String> {
        match name {
            b"href" => Some(&mut self.href),
            b"src" => Some(&mut self.src),
            b"alt" => Some(&mut self.alt),
            b"width" => Some(&mut self.width),
            b"height" => Some(&mut self.height),
            b"class" => Some(&mut self.class),
            b"type" => Some(&mut self.kind),
            b"name" => Some(&mut self.name),
            b"style" => Some(&mut self.style),
            _ => None,
        }
    }

    /// Whether the element and all in it cannot be seen.
    pub fn hides(&self) -> bool {
        if self.hidden {
            return true;
        }
        self.declarations().any(|(property, value)| match property.as_str() {
            "display" => value.starts_with("none"),
            "visibility" => value.starts_with("hidden") || value.starts_with("collapse"),
            "mso-hide" => value.starts_with("all"),
            "opacity" => zero(&value),
            "font-size" => zero(&value),
            "max-height" | "max-width" => zero(&value),
            _ => false,
        })
    }

    /// Whether a blockquote quotes: Gmail and others use one without a border to indent.
    pub fn quotes(&self) -> bool {
        self.kind.eq_ignore_ascii_case("cite")
            || self.class.contains("quote")
            || !self.declarations().any(|(property, value)| {
                property == "border" && (value.starts_with("none") || zero(&value))
            })
    }

    /// Whether an image is too small to be looked at.
    pub fn is_tracking_pixel(&self) -> bool {
        let tiny = |size: &str| matches!(size.trim().trim_end_matches("px"), "0" | "1" | "2");
        let styled = self
            .declarations()
            .any(|(name, value)| (name == "width" || name == "height") && tiny(&value));
        tiny(&self.width) || tiny(&self.height) || styled
    }

    fn declarations(&self) -> impl Iterator<Item = (String, String)> {
        self.style.split(';').filter_map(|declaration| {
            let (property, value) = declaration.split_once(':')?;
            Some((property.trim().to_ascii_lowercase(), value.trim().to_ascii_lowercase()))
        })
    }
}

/// `0`, `0px`, `0.0em`, `0 !important`, `1px` is not.
fn zero(value: &str) -> bool {
    let number: String = value.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
    !number.is_empty() && number.chars().all(|c| c == '0' || c == '.')
}

/// Elements that no reader sees the content of.
pub fn is_never_shown(name: &[u8]) -> bool {
    matches!(
        name,
        b"head"
            | b"style"
            | b"script"
            | b"title"
            | b"template"
            | b"noembed"
            | b"noframes"
            | b"iframe"
            | b"object"
            | b"datalist"
            | b"svg"
            | b"audio"
            | b"video"
    )
}

/// Elements that have no end tag.
pub fn is_void(name: &[u8]) -> bool {
    matches!(
        name,
        b"area"
            | b"base"
            | b"br"
            | b"col"
            | b"embed"
            | b"hr"
            | b"img"
            | b"input"
            | b"link"
            | b"meta"
            | b"param"
            | b"source"
            | b"track"
            | b"wbr"
    )
}

/// Elements that begin and end a line.
pub fn is_block(name: &[u8]) -> bool {
    matches!(
        name,
        b"address"
            | b"article"
            | b"aside"
            | b"blockquote"
            | b"body"
            | b"center"
            | b"dd"
            | b"details"
            | b"div"
            | b"dl"
            | b"dt"
            | b"fieldset"
            | b"figcaption"
            | b"figure"
            | b"footer"
            | b"form"
            | b"h1"
            | b"h2"
            | b"h3"
            | b"h4"
            | b"h5"
            | b"h6"
            | b"header"
            | b"html"
            | b"li"
            | b"main"
            | b"nav"
            | b"ol"
            | b"p"
            | b"pre"
            | b"section"
            | b"summary"
            | b"table"
            | b"tbody"
            | b"tfoot"
            | b"thead"
            | b"tr"
            | b"ul"
    )
}

/// Elements set off by an empty line.
pub fn is_paragraph(name: &[u8]) -> bool {
    matches!(name, b"p" | b"h1" | b"h2" | b"h3" | b"h4" | b"h5" | b"h6" | b"blockquote" | b"pre")
}
