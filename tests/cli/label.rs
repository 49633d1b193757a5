//! `label`: a function of its data, read back by the practice printer, which shares no code with the encoders.

use crate::stage::{PATIENCE, Stage};
use domain::label_data::LabelData;
use domain::units::Dpi;
use sandbox::{Answers, PracticePrinter, PracticePrinterSettings};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

fn data() -> Value {
    json!({
        "courier": "中通快递", "waybill_no": "73980783095124", "route_code": "025-W21-58 38",
        "recipient": { "name": "林*雨", "phone": "137******21", "address": "江苏省苏州市姑苏区观前街***" },
        "sender": { "name": "青**库", "phone": "138******50", "address": "浙江省杭州市余杭区文一西路***" },
        "goods": [{ "name": "棉麻衬衫", "count": 1 }],
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rendered_label_is_the_scene_in_every_form() {
    let s = Stage::new().await;
    let file = s.write("data.json", data().to_string());
    let parsed: LabelData = serde_json::from_value(data()).unwrap();
    let render = async |template: &str, dpi: &str, to: &str| {
        let out = s.home.path().join(format!("out.{to}"));
        let args = ["label", "render", "--template", template, "--data", &file, "--dpi", dpi, "--to", to];
        s.run(&[&args[..], &["-o", out.to_str().unwrap()]].concat()).await.ok();
        std::fs::read(out).unwrap()
    };
    for (template, dpi) in
        [("waybill-76x130", Dpi::D203), ("waybill-100x180", Dpi::D203), ("waybill-100x180", Dpi::D300)]
    {
        let scene = label::layout(template, &parsed, dpi).unwrap();
        let word = dpi.nominal().to_string();
        for language in ["tspl", "zpl", "epl", "cpcl", "escpos"] {
            let settings = PracticePrinterSettings { port: 0, folder: None, dpi, answers: Answers::Mute };
            let printer = PracticePrinter::start(settings).await.unwrap();
            let mut line = tokio::net::TcpStream::connect(("127.0.0.1", printer.port())).await.unwrap();
            line.write_all(&render(template, &word, language).await).await.unwrap();
            line.shutdown().await.unwrap();
            let labels = printer.wait_for_labels(1, PATIENCE).await.expect("one label comes out");
            let (printed, drawn) = (&labels[0].raster, scene.raster());
            // ESC/POS rows are whole bytes, so what comes out may be some white dots wider.
            assert_eq!(printed.stride(), drawn.stride(), "{language} at {word}");
            assert_eq!(printed.bits(), drawn.bits(), "{language} at {word}, dot by dot");
        }
        assert_eq!(render(template, &word, "png").await, label::preview_png(&scene.raster()));
        let pdf = render(template, &word, "pdf").await;
        assert!(pdf.starts_with(b"%PDF-"), "a PDF");
        assert_eq!(pdf, scene.pdf().unwrap(), "same input, same bytes");
    }
    assert!(!s.data().exists(), "no desk was needed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_label_that_cannot_be_drawn_names_the_field_and_leaves_no_file() {
    let s = Stage::new().await;
    let out = s.home.path().join("out.png");
    let out = out.to_str().unwrap();
    for (path, value, says, code) in [
        ("/recipient/name", json!("林🚀"), "recipient.name", 5),
        ("/recipient/name", json!("长".repeat(10_000)), "recipient.name", 5),
        ("/recipient/name", json!("a\u{0}"), "recipient.name", 5),
        ("/waybill_no", json!("中文"), "waybill_no", 5),
        ("/goods/0/count", json!("many"), "no label data", 5),
    ] {
        let mut d = data();
        *d.pointer_mut(path).unwrap() = value;
        let args = ["label", "render", "--template", "waybill-100x180", "--data", "-", "--to", "png", "-o", out];
        let err = s.run_with(&args, d.to_string()).await.refused(code);
        assert!(err.contains(says), "{path}: {err}");
        assert!(!std::path::Path::new(out).exists(), "{path}: nothing half-drawn is left");
    }
    let args = ["label", "render", "--template", "nothing", "--data", "-", "--to", "png", "-o", out];
    s.run_with(&args, data().to_string()).await.refused(4);
    let args =
        ["label", "render", "--template", "waybill-100x180", "--data", "-", "--to", "png", "-o", "/nowhere/x.png"];
    s.run_with(&args, data().to_string()).await.refused(5);
    let schema = s.run(&["--json", "label", "schema"]).await.json();
    assert_eq!(schema["title"], "LabelData");
    let templates = s.run(&["label", "templates"]).await.ok();
    assert!(templates.contains("waybill-76x130") && templates.contains("waybill-100x180"));
}
