//! "Confirm your account", codes, invitations: what services send to whoever may own an address. A
//! project's mailbox must be no way to prove that a stranger owns it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    clippy::panic,
    missing_docs
)]

mod common;

use common::local::{Local, id};
use embargod::domain::judgement::{Judgement, Kind};
use embargod::mail::read::read;
use embargod::policy::judge::{Look, Surroundings, judge};

fn judged(raw: &str) -> Judgement {
    let mail = read(raw.as_bytes(), raw.len() as u64);
    judge(&Look::at(&mail), &Surroundings::default())
}

fn mail(from: &str, top: &str, subject: &str, text: &str) -> String {
    format!(
        "From: {from}\n{top}To: security@example.org\nSubject: {subject}\n\
         Message-ID: <1@service.example>\nMIME-Version: 1.0\n\
         Content-Type: text/plain; charset=utf-8\n\n{text}\n"
    )
}

fn html(from: &str, top: &str, subject: &str, text: &str) -> String {
    mail(from, top, subject, text).replace("text/plain", "text/html")
}

/// What services send, each in its own way.
fn verifications() -> Vec<(&'static str, String)> {
    let noreply = "Service <no-reply@service.example>";
    let hello = "Hello <hello@service.example>";
    vec![
        (
            "a link to confirm",
            mail(
                noreply,
                "",
                "Confirm your email address",
                "Hi,\n\nplease confirm your email address:\nhttps://service.example/confirm?t=aX9\n\n\
             If you did not create an account, you can safely ignore this email.",
            ),
        ),
        (
            "a code",
            mail(
                noreply,
                "",
                "Your verification code",
                "Your verification code is:\n\n482913\n\nThis code expires in 10 minutes.",
            ),
        ),
        (
            "a code in the subject",
            mail(
                hello,
                "Feedback-ID: 1:2:ses\n",
                "482-913 is your login code",
                "Use your login code 482-913 to go on.\n\nDon't share this code with anyone.",
            ),
        ),
        (
            "a button",
            html(
                hello,
                "X-SES-Outgoing: 2026.11.23\n",
                "Welcome to Service",
                "<p>One more step.</p><a href=\"https://service.example/v/a\">Verify your email</a>\
             <p>If you didn't sign up, please ignore this email.</p>",
            ),
        ),
        (
            "an invitation",
            html(
                noreply,
                "",
                "Max has invited you to the workspace Example",
                "<p>Max has invited you to join.</p><a href=\"https://service.example/i\">Accept invitation</a>",
            ),
        ),
        (
            "a new password",
            mail(
                noreply,
                "",
                "Reset your password",
                "Somebody asked to reset the password of your account.\nhttps://service.example/r/a\n\
             If this wasn't you, ignore this message.",
            ),
        ),
        (
            "a sign-in link by a mailing service",
            mail(
                hello,
                "List-Unsubscribe: <mailto:u@s.example>\n",
                "Your magic link",
                "Here is your magic link: https://service.example/m/a\n\n\
             This link expires in 15 minutes.",
            ),
        ),
        (
            "marked as automatic",
            mail(
                hello,
                "Auto-Submitted: auto-generated\n",
                "Activate your account",
                "Activate your account: https://service.example/a\n\nThe link is valid for a day.",
            ),
        ),
        (
            "German",
            mail(
                noreply,
                "",
                "Bestätigen Sie Ihre E-Mail-Adresse",
                "Bitte bestätigen Sie Ihre E-Mail-Adresse: https://dienst.example/b\n\n\
             Falls Sie sich nicht angemeldet haben, ignorieren Sie diese Nachricht.",
            ),
        ),
        (
            "French",
            mail(
                noreply,
                "",
                "Votre code de vérification",
                "Votre code de vérification :\n\n482913\n\nCe code expire dans dix minutes.",
            ),
        ),
        (
            "Spanish",
            mail(
                noreply,
                "",
                "Restablece tu contraseña",
                "Para restablecer tu contraseña: https://servicio.example/r\n\n\
             Si no solicitaste este cambio, puedes ignorar este correo.",
            ),
        ),
        (
            "Portuguese",
            mail(
                noreply,
                "",
                "Confirme seu e-mail",
                "Confirme seu e-mail: https://servico.example/c\n\nSe não foi você, ignore este e-mail.",
            ),
        ),
        (
            "Italian",
            mail(
                noreply,
                "",
                "Il tuo codice di verifica",
                "Il tuo codice di verifica:\n\n482913\n\nQuesto codice scade tra dieci minuti.",
            ),
        ),
        (
            "Russian",
            mail(
                noreply,
                "",
                "Код подтверждения",
                "Ваш код подтверждения:\n\n482913\n\nНикому не сообщайте этот код.",
            ),
        ),
        (
            "Chinese",
            mail(
                noreply,
                "",
                "您的验证码",
                "您的验证码是:\n\n482913\n\n如非本人操作,请忽略此邮件。",
            ),
        ),
        (
            "Japanese",
            mail(
                noreply,
                "",
                "メールアドレスの確認",
                "メールアドレスを確認してください: https://service.example/k\n\nお心当たりのない場合は破棄してください。",
            ),
        ),
        (
            "Korean",
            mail(
                noreply,
                "",
                "이메일 인증 코드",
                "인증 코드:\n\n482913\n\n본인이 요청하지 않은 경우 이 메일을 무시하세요.",
            ),
        ),
    ]
}

#[test]
fn they_are_known_in_ten_languages() {
    for (what, raw) in verifications() {
        let judgement = judged(&raw);
        let rule = &judgement.reasons[0].rule;
        assert_eq!(
            (judgement.kind, rule.as_str()),
            (Kind::AutoReply, "machine.verification"),
            "{what}"
        );
    }
}

#[test]
fn a_report_or_a_question_about_one_is_a_persons() {
    let report = "The password reset link of sample 4.2.1 can be used twice. Steps to reproduce:\n\
        1. ask for a link at https://app.example/forgot\n2. open it and set a password\n\
        3. open it again: reset your password is shown once more, and works.\n\
        resetToken() in lib/reset.js never deletes the token. An attacker who reads an old mail takes\n\
        the account over. The mail says: if you did not request this, ignore this email.\n\n482913";
    let rae = "Rae <rae@finder.example>";
    let people = [
        mail(rae, "", "Password reset link can be used twice", report),
        mail(
            rae,
            "X-Auto-Response-Suppress: All\n",
            "Password reset link can be used twice",
            report,
        ),
        html(
            rae,
            "",
            "Reset your password: token leaks in the Referer",
            &format!("<p>{report}</p><a href=\"https://app.example/r\">Reset your password</a>"),
        ),
        mail(
            rae,
            "",
            "Verification code is logged",
            "The verification code of a login is written to the\n\
            log of sample 5.0.0 in plain text, see login.js line 12: logger.info(code). Whoever reads\n\
            logs can take accounts over. It should be masked.\n\n482913",
        ),
        mail(
            rae,
            "",
            "Question about your verification code",
            "Hello,\n\nis a verification code meant to be\n\
            four digits long? I could guess one at https://app.example/login.\n\nRae",
        ),
        mail(
            rae,
            "In-Reply-To: <x@y.example>\n",
            "Re: Reset your password",
            "I tried: https://app.example/r says that the link is valid for a day.\nIf this wasn't you?",
        ),
        mail("Rae <noreply@finder.example>", "", "Password reset link can be used twice", report),
    ];
    for raw in people {
        let judgement = judged(&raw);
        let by_person = matches!(judgement.kind, Kind::Submission | Kind::FollowUp);
        assert!(by_person, "{:?}\n{raw}", judgement.reasons);
    }
}

#[test]
fn nothing_comes_back_to_whoever_made_a_service_write_and_no_stranger_sees_it() {
    let mut local = Local::new("[notices]\ncontent = \"text-and-files\"\n");
    // The trick: a case of one's own, and its number or one of our addresses given to a service.
    let report = mail(
        "Eve <eve@attacker.example>",
        "",
        "crash",
        "parseCount() of sample 4.2.1 reads past its buffer on `X-Count: 7`; the process ends with a\n\
         fault, so that an attacker who reaches the server stops it.",
    );
    local.arrives(report.replace("<1@service.example>", "<1@attacker.example>").as_bytes());
    local.once();
    local.embargod(&["case", "add-cc", &id(1), "eve2@attacker.example"]);
    for (n, (_, raw)) in verifications().into_iter().enumerate() {
        let raw = raw.replace("<1@", &format!("<v{n}@"));
        let named = raw.replacen("Subject: ", &format!("Subject: [{}] ", id(1)), 1);
        local.arrives(raw.as_bytes());
        local.arrives(named.replace(&format!("<v{n}@"), &format!("<w{n}@")).as_bytes());
    }
    local.once();
    assert_eq!(local.json(&["case", "list", "--json"]).as_array().unwrap().len(), 1);
    let sent = local.sent();
    for mail in &sent {
        assert!(!mail.contains("service.example") && !mail.contains("482913"), "{mail}");
    }
    assert_eq!(sent.iter().filter(|mail| !mail.contains(".notice.")).count(), 1);
    let digest = local.prints(&["digest"]);
    assert!(digest.contains("34 verification mails of services"), "{digest}");
    // A person may take one in; whoever made it write still hears nothing.
    local.embargod(&["mail", "accept", "2"]);
    local.once();
    let case = local.json(&["case", "show", &id(2), "--json"]);
    assert_eq!(case["state"], "received");
    assert!(case["withheld"].as_str().unwrap().contains("a machine wrote"), "{case}");
    assert_eq!(local.sent_to("no-reply@service.example").len(), 0);
}
