//! Label templates: the program's and the shop's own.

use crate::args::Templates;
use crate::exit::Failure;
use crate::files;
use crate::out::Out;
use crate::talk::Talk;
use crate::text::table;
use desk::api::{
    ById, Done, Nothing, PreviewTemplate, SaveTemplate, TemplateFault, TemplatePreview, TemplateRow, TemplateText,
};
use desk::{ApiError, Code};

/// `waybill templates …`
pub async fn run(command: Templates, talk: &mut Talk, out: &mut Out) -> Result<(), Failure> {
    match command {
        Templates::List => {
            let all: Vec<TemplateRow> = talk.call("templates.list", &Nothing {}).await?;
            out.answer(&all, |all| {
                table(
                    ["template", "name", "mm", "version", "saved by"],
                    all.iter().map(|t| {
                        let version = if t.version == 0 { String::new() } else { t.version.to_string() };
                        let size = format!("{} × {}", t.width_mm, t.height_mm);
                        [t.id.clone(), t.name.clone(), size, version, t.saved_by.clone()]
                    }),
                )
            });
        }
        Templates::Show { id } => {
            let shown: TemplateText = talk.call("templates.show", &ById { id }).await?;
            out.answer(&shown, |t| t.text.clone());
        }
        Templates::Check { file, sample } => {
            let text = files::read(&file)?;
            let seen: TemplatePreview =
                talk.call("templates.preview", &PreviewTemplate { text, sample, dpi: 203 }).await?;
            if let Some(fault) = &seen.fault {
                return Err(ApiError::new(Code::InvalidInput, words(fault))
                    .hint("mend the text; nothing was kept")
                    .into());
            }
            out.answer(&Done {}, |_| "it can be printed".to_owned());
        }
        Templates::Save { file, of } => {
            let text = files::read(&file)?;
            let mut save = SaveTemplate { id: of, after: 0, made_from: String::new(), text };
            if !save.id.is_empty() {
                let now: TemplateText = talk.call("templates.show", &ById { id: save.id.clone() }).await?;
                save.after = now.version;
            }
            let kept: TemplateRow = talk.call("templates.save", &save).await?;
            out.answer(&kept, |t| format!("{} {} is version {} now", t.id, t.name, t.version));
        }
        Templates::Remove { id } => {
            let done: Done = talk.call("templates.remove", &ById { id }).await?;
            out.answer(&done, |_| "removed; what was printed with it can be printed again".to_owned());
        }
    }
    Ok(())
}

fn words(fault: &TemplateFault) -> String {
    let mut words = String::new();
    if fault.line > 0 {
        words += &format!("line {} column {}: ", fault.line, fault.column);
    }
    for part in [&fault.key, &fault.field] {
        if !part.is_empty() {
            words += &format!("{part}: ");
        }
    }
    words + &fault.reason
}
