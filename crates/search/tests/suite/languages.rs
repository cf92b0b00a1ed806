//! Each language by its own rules, and the reader's language first.

use domain::Locale;
use search::{ArticleText, SearchEngine, SearchRequest};

use crate::library::{article, found, library, query, words_only};

fn translated(id: &str, locale: &str, title: &str, body: &str) -> ArticleText {
    ArticleText { locale: Locale::parse(locale).unwrap(), ..article(id, title, body) }
}

async fn engine() -> SearchEngine {
    library(vec![
        translated("reset", "en", "Reset a password", "Open the sign-in page and choose Forgot password."),
        translated(
            "reset",
            "de",
            "Passwort zurücksetzen",
            "Auf der Anmeldeseite auf Passwort vergessen klicken.",
        ),
        translated("zh-reset", "zh", "重置密码", "打开登录页面，然后选择忘记密码。"),
        translated("zh-ship", "zh", "配送时间", "包裹需要三天才能到达。"),
        translated("ru-reset", "ru", "Сброс пароля", "Откройте страницу входа и выберите «Забыли пароль»."),
        translated(
            "ar-reset",
            "ar",
            "إعادة تعيين كلمة المرور",
            "افتح صفحة تسجيل الدخول واختر نسيت كلمة المرور.",
        ),
        translated("el-reset", "el", "Επαναφορά κωδικού", "Ανοίξτε τη σελίδα σύνδεσης και επιλέξτε."),
        translated("th-reset", "th", "รีเซ็ตรหัสผ่าน", "เปิดหน้าลงชื่อเข้าใช้แล้วเลือกลืมรหัสผ่าน"),
        translated("tr-reset", "tr", "Parolayı sıfırlama", "Giriş sayfasını açın ve parolamı unuttum seçin."),
        translated("only-en", "en", "Webhooks", "A webhook is a request to your server."),
    ])
    .await
}

#[tokio::test]
async fn a_question_finds_the_article_of_its_language() {
    let engine = engine().await;
    for (text, first) in [
        ("how can I reset the password of my account", "reset"),
        ("如何重置密码", "zh-reset"),
        ("包裹什么时候到", "zh-ship"),
        ("как сбросить пароли", "ru-reset"),
        ("كيف أُعيد تعيين كلمة المرور", "ar-reset"),
        ("πώς κάνω επαναφορα κωδικου", "el-reset"),
        ("ลืมรหัสผ่าน", "th-reset"),
        ("parolamı nasıl sıfırlarım", "tr-reset"),
    ] {
        let hits = engine.search(&query(text)).await.unwrap();
        assert_eq!(
            hits.hits.first().map(|hit| hit.slug.as_str()),
            Some(first),
            "{text} as {}",
            hits.language
        );
    }
}

#[tokio::test]
async fn a_reader_gets_each_article_once_and_in_their_language() {
    let engine = engine().await;
    let request = SearchRequest { locale: Some(Locale::parse("de").unwrap()), ..query("Passwort vergessen") };
    let hits = engine.search(&request).await.unwrap();
    assert_eq!(hits.language, "de");
    assert_eq!(hits.hits[0].locale.as_str(), "de");
    assert_eq!(hits.hits.iter().filter(|hit| hit.slug == "reset").count(), 1);
    // What has no translation is found as it is.
    let request = SearchRequest { locale: Some(Locale::parse("de").unwrap()), ..words_only("webhook") };
    assert_eq!(found(&engine, &request).await, "only-en");
}

#[tokio::test]
async fn a_part_of_a_compound_finds_it() {
    let engine = library(vec![
        translated("a", "de", "Passwortlänge", "Die Mindestlänge beträgt zwölf Zeichen."),
        translated("b", "de", "Versand", "Pakete brauchen drei Tage bis zur Ankunft."),
    ])
    .await;
    assert_eq!(found(&engine, &words_only("Passwort")).await, "a");
}
