//! The product tree: each stretch of affected versions and each fixed version is a product with an
//! id of its own, and everything else refers to those.

use super::model::{Branch, BranchContent, Helper, Product, ProductStatus, ProductTree};
use crate::policy::advisory::span::{End, Span};
use crate::policy::advisory::{Advisory, Affected};

/// The products of an advisory, and what is known of each.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Products {
    /// The tree.
    pub tree: ProductTree,
    /// What is known of each.
    pub status: ProductStatus,
    /// Each affected product.
    pub affected: Vec<AffectedProduct>,
}

/// A stretch of affected versions.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct AffectedProduct {
    /// Its id.
    pub id: String,
    /// Of which package.
    pub package: String,
    /// The versions.
    pub span: Span<String>,
}

/// Gives out ids and remembers what is known of each.
#[derive(Debug, Default)]
struct Ids {
    given: usize,
    status: ProductStatus,
    affected: Vec<AffectedProduct>,
}

impl Ids {
    fn next(&mut self) -> String {
        self.given = self.given.saturating_add(1);
        format!("CSAFPID-{:04}", self.given)
    }
}

impl Products {
    /// The products of an advisory. Where it is not known yet which versions are affected, the whole
    /// product is under investigation.
    pub(super) fn of(advisory: &Advisory) -> Self {
        let mut ids = Ids::default();
        let mut packages: Vec<Branch> = advisory
            .packages
            .iter()
            .filter(|package| !package.spans.is_empty())
            .map(|package| branch_of(advisory, package, &mut ids))
            .collect();
        if packages.is_empty() {
            let name = match (advisory.packages.as_slice(), &advisory.publisher.package) {
                ([package, ..], _) => &package.name,
                ([], Some(package)) => package,
                ([], None) => &advisory.publisher.name,
            };
            let product_id = ids.next();
            ids.status.under_investigation.push(product_id.clone());
            let product =
                Product { name: name.clone(), product_id, product_identification_helper: None };
            packages.push(Branch {
                category: "product_name",
                name: name.clone(),
                content: BranchContent::Product(product),
            });
        }
        let vendor = Branch {
            category: "vendor",
            name: advisory.publisher.name.clone(),
            content: BranchContent::Branches(packages),
        };
        Self {
            tree: ProductTree { branches: vec![vendor] },
            status: ids.status,
            affected: ids.affected,
        }
    }
}

fn branch_of(advisory: &Advisory, package: &Affected, ids: &mut Ids) -> Branch {
    let ecosystem = advisory.publisher.ecosystem.as_ref();
    let purl = |version: Option<&str>| {
        ecosystem.and_then(|e| e.purl(&package.name, version)).map(|purl| Helper { purl })
    };
    let mut versions = Vec::new();
    for span in &package.spans {
        let product_id = ids.next();
        ids.status.known_affected.push(product_id.clone());
        ids.affected.push(AffectedProduct {
            id: product_id.clone(),
            package: package.name.clone(),
            span: span.clone(),
        });
        let (category, name, helper) = match (&span.from, &span.to) {
            (Some(from), End::With(to)) if from == to => {
                ("product_version", from.clone(), purl(Some(from)))
            }
            _ => {
                let kind = ecosystem.map(|ecosystem| ecosystem.purl_type.as_str());
                ("product_version_range", range(span, kind), purl(None))
            }
        };
        versions.push(leaf(
            category,
            name,
            product_id,
            helper,
            &format!("{} {span}", package.name),
        ));
    }
    for version in &package.fixes {
        let product_id = ids.next();
        ids.status.fixed.push(product_id.clone());
        let name = format!("{} {version}", package.name);
        let helper = purl(Some(version));
        versions.push(leaf("product_version", version.clone(), product_id, helper, &name));
    }
    Branch {
        category: "product_name",
        name: package.name.clone(),
        content: BranchContent::Branches(versions),
    }
}

fn leaf(
    category: &'static str,
    name: String,
    product_id: String,
    product_identification_helper: Option<Helper>,
    product: &str,
) -> Branch {
    let product = Product { name: product.to_owned(), product_id, product_identification_helper };
    Branch { category, name, content: BranchContent::Product(product) }
}

/// A range as the standard recommends it, `vers:npm/>=4.0.0|<4.21.2`; in words where it is not known
/// how the versions are ordered.
fn range(span: &Span<String>, kind: Option<&str>) -> String {
    let Some(kind) = kind else { return span.to_string() };
    let from = span.from.as_ref().map(|from| format!(">={from}"));
    let to = match &span.to {
        End::With(to) => Some(format!("<={to}")),
        End::Before(to) => Some(format!("<{to}")),
        End::Open => None,
    };
    let ends: Vec<String> = [from, to].into_iter().flatten().collect();
    match ends.as_slice() {
        [] => format!("vers:{kind}/*"),
        ends => format!("vers:{kind}/{}", ends.join("|")),
    }
}
