//! The shop's own label templates: kept versions, what is refused and where, and that a label which is made again looks as
//! it did.

use crate::batches::{add, ask, in_state, new_order, start};
use crate::world::*;
use desk::api::*;
use desk::{Code, Place};
use domain::chance::{Chance, OsChance};
use std::time::Duration;

const BUILT_IN: &str = "waybill-100x180";

async fn text_of(w: &World, id: &str) -> TemplateText {
    call(&w.owner, "templates.show", ById { id: id.into() }).await.unwrap()
}

/// The built-in one under another name, with one more line of text.
async fn made(w: &World, words: &str) -> String {
    let line = format!("\n[[item]]\nkind = \"text\"\ntext = \"{words}\"\nbox = [60, 170, 36, 5]\nsize = 3\n");
    text_of(w, BUILT_IN).await.text.replace("name = \"", "name = \"青禾 ") + &line
}

async fn save(w: &World, id: &str, after: u32, text: &str) -> Result<TemplateRow, desk::ApiError> {
    let save = SaveTemplate { id: id.into(), after, made_from: BUILT_IN.into(), text: text.into() };
    call(&w.owner, "templates.save", save).await
}

async fn preview(w: &World, text: &str, sample: &str) -> TemplatePreview {
    let ask = PreviewTemplate { text: text.into(), sample: sample.into(), dpi: 203 };
    call(&w.owner, "templates.preview", ask).await.unwrap()
}

async fn printed(w: &World, n: usize) -> Vec<sandbox::PrintedLabel> {
    let labels = w.printer.wait_for_labels(n, Duration::from_secs(10)).await.expect("it comes out");
    w.desk.tick().await;
    labels
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_printed_again_looks_as_it_did_whatever_was_saved_since() {
    let w = World::ready().await;
    let first = made(&w, "第一版").await;
    let own = save(&w, "", 0, &first).await.unwrap();
    assert_eq!((own.version, own.name.starts_with("青禾"), own.saved_by.as_str()), (1, true, OWNER));
    assert_eq!(text_of(&w, &own.id).await.text, first, "byte for byte");
    let form: OrderForm = call(&w.owner, "orders.form", Nothing {}).await.unwrap();
    assert!(form.templates.iter().any(|t| t.id == own.id && t.width_mm == 100.0), "it can be chosen");

    let parcel = w.submit(SubmitOrder { template: own.id.clone(), ..order() }).await.unwrap();
    let before = printed(&w, 1).await.remove(0);
    assert_eq!(w.show(&parcel.row.id).await.prints[0].template, format!("{}@1", own.id));

    // The second version is shorter paper: whoever drew with it would be seen.
    let second = text_of(&w, "waybill-100x150").await.text;
    assert_eq!(save(&w, &own.id, 1, &second).await.unwrap().version, 2);
    let again = Reprint {
        parcel: parcel.row.id.clone(),
        reason: "blurred".into(),
        note: String::new(),
        printer: String::new(),
        submit_key: OsChance.hex(16),
    };
    let _: PrintView = call(&w.owner, "prints.reprint", again).await.unwrap();
    let labels = printed(&w, 2).await;
    let tall = |l: &sandbox::PrintedLabel| (1210..1440).any(|y| l.raster.row(y).iter().any(|b| *b != 0));
    assert!(tall(&before) && tall(&labels[1]), "the first version again");
    w.submit(SubmitOrder { template: own.id.clone(), ..order() }).await.unwrap();
    let labels = printed(&w, 3).await;
    assert!(!tall(&labels[2]), "a new order takes the newest");

    // Removed: not offered, but what was printed with it is drawn again.
    let _: Done = call(&w.owner, "templates.remove", ById { id: own.id.clone() }).await.unwrap();
    let rows: Vec<TemplateRow> = call(&w.owner, "templates.list", Nothing {}).await.unwrap();
    assert!(rows.iter().all(|t| t.id != own.id));
    assert_eq!(w.submit(SubmitOrder { template: own.id.clone(), ..order() }).await.unwrap_err().code, Code::NotFound);
    let shown: Picture = call(&w.owner, "orders.picture", ById { id: parcel.row.id }).await.unwrap();
    assert!(!shown.png_base64.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_prints_with_it_in_the_version_of_its_start() {
    let w = World::ready().await;
    let own = save(&w, "", 0, &made(&w, "整批").await).await.unwrap();
    let parcels = add(&w, (1..=3).map(new_order).collect()).await;
    let b = start(&w, AskBatch { template: own.id.clone(), ..ask(&parcels) }).await;
    let b = in_state(&w, &b.id, "done").await;
    assert_eq!((b.template, b.sent), (format!("{}@1", own.id), 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_told_with_its_line_and_is_not_kept() {
    let w = World::ready().await;
    let good = made(&w, "青禾").await;
    let own = save(&w, "", 0, &good).await.unwrap();
    let lines = u32::try_from(good.lines().count()).unwrap();
    for (text, line, key, code) in [
        (format!("{good}box = \n"), lines + 1, "", "syntax_no_value"),
        (good.replace("box = [60, 170, 36, 5]", "box = [60, 170, 99, 5]"), lines - 1, "box", "outside"),
        (good.replace("text = \"青禾\"", "text = \"{recipient.secret}\""), lines - 2, "text", "unknown_field"),
    ] {
        let fault = preview(&w, &text, "plain").await.fault.expect("something is wrong");
        assert_eq!((fault.code.as_str(), fault.line, fault.key.as_str()), (code, line, key), "{fault:?}");
        let no = save(&w, &own.id, 1, &text).await.unwrap_err();
        assert_eq!((no.fields[0].field.as_str(), no.fields[0].code.as_str()), ("text", "bad_template_text"));
        assert!(no.fields[0].detail.contains(&format!("line {line} ")), "{no:?}");
        assert_eq!(no.fields[0].fault.as_deref(), Some(&fault), "the window says it in its own language");
    }
    let unknown =
        preview(&w, &good.replace("text = \"青禾\"", "text = \"{recipient.nam}\""), "plain").await.fault.unwrap();
    let values: Vec<(&str, &str)> = unknown.values.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    assert_eq!(values, [("field", "recipient.nam"), ("near", "recipient.name")]);
    let emoji = preview(&w, &good.replace("青禾\"\nbox", "茶🫖\"\nbox"), "plain").await.fault.unwrap();
    assert_eq!((emoji.code.as_str(), emoji.line > 0), ("own_letter", true), "{emoji:?}");
    // What the data is in the way of names the field, and no place.
    let narrow = good.replace("text = \"青禾\"", "text = \"{recipient.address}\"");
    let long = preview(&w, &narrow, "long").await.fault.unwrap();
    assert_eq!((long.code.as_str(), long.field.as_str(), long.line), ("does_not_fit", "recipient.address", 0));
    let blank = "id='blank'\nname='空白'\nwidth=100\nheight=180\n[[item]]\nkind='box'\nbox=[1,1,9,9]\n";
    assert!(preview(&w, blank, "plain").await.picture.is_some());
    assert_eq!(save(&w, "", 0, blank).await.unwrap_err().fields[0].code, "no_number_symbol");
    assert_eq!(text_of(&w, &own.id).await.version, 1, "nothing was kept");
    for sample in ["plain", "long", "goods", "rare", "reprint"] {
        assert!(preview(&w, &good, sample).await.fault.is_none(), "{sample}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_that_mean_harm_end_soon_and_are_refused() {
    let w = World::ready().await;
    let head = "id='x'\nname='x'\nwidth=100\nheight=180\n";
    let item = "[[item]]\nkind='box'\nbox=[1,1,9,9]\n";
    for (text, code) in [
        ("x".repeat(1 << 20), "too_many_bytes"),
        (format!("{head}{}", item.repeat(1_001)), "too_many_items"),
        (format!("{head}x = {}", "[".repeat(50_000)), "syntax_deep"),
        (format!("{head}[[item]]\nkind='image'\nbox=[1,1,9,9]\npng='{}'\n", "A".repeat(200_000)), "image_long"),
        (format!("{head}[[item]]\nkind='repeat'\nover='goods'\nstep=0.000001\nbox=[1,1,90,90]\nitems=[]\n"), "step"),
        (format!("{head}width=1e308\n"), "syntax_twice"),
        ("\u{0}\u{feff}".repeat(1_000), "syntax_equals"),
    ] {
        let begin = std::time::Instant::now();
        let fault = preview(&w, &text, "goods").await.fault.expect("it is refused");
        assert_eq!(fault.code, code, "{text:.60}");
        assert!(begin.elapsed() < Duration::from_secs(5), "{text:.60}");
        assert_eq!(save(&w, "", 0, &text).await.unwrap_err().code, Code::InvalidInput);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_who_change_one_template_do_not_overwrite_each_other() {
    let w = World::ready().await;
    let own = save(&w, "", 0, &made(&w, "一").await).await.unwrap();
    let (a, b) = (made(&w, "二甲").await, made(&w, "二乙").await);
    save(&w, &own.id, 1, &a).await.unwrap();
    let no = save(&w, &own.id, 1, &b).await.unwrap_err();
    assert_eq!((no.code, no.detail.as_str()), (Code::WrongState, "saved_meanwhile"));
    assert_eq!(text_of(&w, &own.id).await.text, a);
    assert_eq!(text_of(&w, &format!("{}@1", own.id)).await.version, 1, "the older one is still there");

    // A clerk looks and prints, and changes nothing.
    let add = add_person("小陈", "clerk", "quiet-lantern-42");
    let _: PersonView = call(&w.owner, "people.add", add).await.unwrap();
    let door = w.desk.door(Place::Window, "test");
    let login = Login { name: "小陈".into(), password: "quiet-lantern-42".into() };
    let _: LoginDone = call(&door, "session.login", login).await.unwrap();
    let _: TemplateText = call(&door, "templates.show", ById { id: own.id.clone() }).await.unwrap();
    let text = SaveTemplate { id: own.id.clone(), after: 2, made_from: String::new(), text: a };
    assert_eq!(call::<_, TemplateRow>(&door, "templates.save", text).await.unwrap_err().code, Code::NotAllowed);

    let _: Done = call(&w.owner, "templates.copy", ById { id: own.id.clone() }).await.unwrap();
    let shown = text_of(&w, &own.id).await.text;
    assert_eq!(w.face.copied.lock().unwrap().last(), Some(&shown));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_label_cannot_hold_is_told_by_its_flaw_before_anything_is_charged() {
    let w = World::ready().await;
    // Drawn with the sample, which has a place in a batch; an order that is printed alone has none.
    let text = "id='place'\nname='批次条码'\nwidth=100\nheight=180\n\
        [[item]]\nkind='code128'\ntext='{waybill_no}'\nbox=[5,5,90,20]\n\
        [[item]]\nkind='code39'\ntext='{custom.sequence}'\nbox=[2,40,96,15]\n";
    let own = save(&w, "", 0, text).await.unwrap();
    let no = w.submit(SubmitOrder { template: own.id, ..order() }).await.unwrap_err();
    assert_eq!(no.code, Code::LabelImpossible);
    let field = &no.fields[0];
    assert_eq!((field.field.as_str(), field.code.as_str()), ("custom.sequence", "bad_symbol"));
    let fault = field.fault.as_deref().expect("more than a word");
    assert_eq!((fault.code.as_str(), fault.field.as_str()), ("symbol_empty", "custom.sequence"));
    assert!(field.detail.contains("at least one character"), "and in English for a script: {}", field.detail);
    assert!(w.market.ledger().charged.is_empty() && w.printer.labels().is_empty(), "nothing was charged or printed");
}
