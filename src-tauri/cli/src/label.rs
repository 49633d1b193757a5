//! Labels without a desk: template and data in, bytes out. Same input, same bytes.

use crate::args::{Label, Render, To};
use crate::exit::Failure;
use crate::files;
use crate::out::Out;
use crate::text::table;
use ::label::LabelError;
use desk::api::FieldError;
use desk::{ApiError, Code};
use domain::label_data::LabelData;
use domain::printer::{Encoder, Language, Media};
use domain::units::Dpi;
use serde_json::json;

/// `waybill label …`
pub fn run(command: Label, out: &mut Out) -> Result<(), Failure> {
    match command {
        Label::Render(render) => draw(&render, out),
        Label::Templates => {
            let all = ::label::templates();
            let value: Vec<_> = all
                .iter()
                .map(
                    |t| json!({ "id": t.id, "name": t.name, "width_mm": t.size.width.0, "height_mm": t.size.height.0 }),
                )
                .collect();
            out.answer(&value, |_| {
                table(
                    ["template", "name", "mm"],
                    all.iter().map(|t| {
                        [t.id.to_owned(), t.name.to_owned(), format!("{} × {}", t.size.width.0, t.size.height.0)]
                    }),
                )
            });
            Ok(())
        }
        Label::Schema => {
            let schema = ::label::schema();
            out.answer(&schema, |s| serde_json::to_string_pretty(s).unwrap_or_default());
            Ok(())
        }
    }
}

fn draw(render: &Render, out: &mut Out) -> Result<(), Failure> {
    files::check_output(&render.output)?;
    let text = files::read(&render.data)?;
    let data: LabelData = serde_json::from_str(&text).map_err(|e| {
        Failure::invalid(
            format!("{} is no label data: {e}; nothing was drawn", render.data.display()),
            "see `waybill label schema`",
        )
    })?;
    let dpi = render.dpi.parse().ok().and_then(Dpi::from_nominal);
    let dpi = dpi.ok_or_else(|| Failure::usage("no such resolution", "203, 300 or 600"))?;
    let scene = ::label::layout(&render.template, &data, dpi).map_err(impossible)?;
    let job = |language| {
        let media = Media::usual(scene.size(), dpi);
        let encoded = printer::encoder(printer::generic(language)).encode(&scene.raster(), &media);
        encoded.map_err(|e| Failure::invalid(format!("{e}; nothing was made"), "choose another template or language"))
    };
    let bytes = match render.to {
        To::Png => ::label::preview_png(&scene.raster()),
        To::Pdf => scene.pdf().map_err(impossible)?,
        To::Tspl => job(Language::Tspl)?,
        To::Zpl => job(Language::Zpl)?,
        To::Epl => job(Language::Epl)?,
        To::Cpcl => job(Language::Cpcl)?,
        To::Escpos => job(Language::Escpos)?,
    };
    files::write(&render.output, &bytes)?;
    if render.output.as_os_str() != "-" {
        let file = render.output.display().to_string();
        out.answer(&json!({ "file": file, "bytes": bytes.len() }), |_| format!("{file}: {} bytes", bytes.len()));
    }
    Ok(())
}

/// In the desk's words, so that a script reads one kind of error.
fn impossible(e: LabelError) -> Failure {
    let text = format!("{e}; nothing was drawn");
    let field = |field: String, code: &str, detail: String| {
        ApiError::new(Code::LabelImpossible, text.clone())
            .hint("mend the data, then draw again")
            .fields(vec![FieldError { field, code: code.to_owned(), detail, fault: None }])
    };
    Failure::Api(match e {
        LabelError::UnknownTemplate { .. } => {
            ApiError::new(Code::NotFound, text).hint("`waybill label templates` lists them")
        }
        LabelError::MissingGlyph { field: f, character } => {
            field(f, "missing_glyph", format!("U+{:04X}", u32::from(character)))
        }
        LabelError::DoesNotFit { field: f } => field(f, "does_not_fit", String::new()),
        LabelError::BadSymbol { field: f, reason } => field(f, "bad_symbol", reason.to_string()),
        LabelError::BadTemplate { .. } | LabelError::Pdf { .. } => ApiError::new(Code::Internal, text),
    })
}
