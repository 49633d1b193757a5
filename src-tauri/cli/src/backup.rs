//! Backups, the recovery card, and a restore on another computer.

use crate::args::{Backup, Words};
use crate::exit::{Failure, has_person};
use crate::files;
use crate::out::Out;
use crate::talk::Talk;
use crate::text::{list, table, time};
use desk::api::{
    BackupFile, BackupFiles, BackupFolder, BackupPreview, BackupState, BackupView, BeginCard, CardAsked, CardWords,
    ConfirmCard, Done, Nothing, OpenBackup, RestoreDone, SetBackupFolder,
};
use serde_json::json;
use std::io::Write;
use std::path::Path;

/// `waybill backup …`
pub async fn run(command: Backup, talk: &mut Talk, out: &mut Out) -> Result<(), Failure> {
    if matches!(command, Backup::Files { .. } | Backup::Look { .. } | Backup::Restore { .. }) {
        // Into a folder where nothing is yet.
        talk.may_begin();
    }
    match command {
        Backup::Create => {
            let made: BackupView = talk.call("backup.create", &Nothing {}).await?;
            out.answer(&made, |b| {
                format!("good: {}\n{} rows, log {} rows, head {}", b.file, b.rows, b.log_rows, b.log_head)
            });
        }
        Backup::List => {
            let state: BackupState = talk.call("backup.state", &Nothing {}).await?;
            out.answer(&state, state_words);
        }
        Backup::Verify { file } => {
            let inside: BackupPreview = talk.call("backup.verify", &BackupFile { file: whole(&file) }).await?;
            out.answer(&inside, |p| format!("good: what is inside is what was put in\n{}", preview_words(p)));
        }
        Backup::Folder { folder } => {
            let folder = folder.map(|f| whole(&f)).unwrap_or_default();
            let state: BackupState = talk.call("backup.set_folder", &SetBackupFolder { folder }).await?;
            out.answer(&state, |s| format!("backups go to {}", s.folder));
        }
        Backup::Card { words, replace } => card(words, replace, talk, out).await?,
        Backup::Files { folder } => {
            let folder = folder.map(|f| whole(&f)).unwrap_or_default();
            let found: BackupFiles = talk.call("backup.files", &BackupFolder { folder }).await?;
            out.answer(&found, |found| {
                let rows = found
                    .files
                    .iter()
                    .map(|f| [time(f.made_at), f.bytes.to_string(), f.card.chars().take(8).collect(), f.file.clone()]);
                table(["made", "bytes", "card", "file"], rows)
            });
        }
        Backup::Look { file, words_stdin } => {
            let ask = OpenBackup { file: whole(&file), words: words_of_card(words_stdin)? };
            let inside: BackupPreview = talk.call("backup.look", &ask).await?;
            out.answer(&inside, preview_words);
        }
        Backup::Restore { file, words_stdin } => {
            let ask = OpenBackup { file: whole(&file), words: words_of_card(words_stdin)? };
            let done: RestoreDone = talk.call("backup.restore", &ask).await?;
            out.answer(&done, |d| {
                let mut words = preview_words(&d.inside);
                words += "restored: counts, the log's head and every table are those of the backup\n";
                words += "log in with a name and password of that desk; enter the apps' keys again\n";
                if !d.needs_authorising.is_empty() {
                    words += &format!("to be authorised again: {}\n", d.needs_authorising.join(", "));
                }
                words
            });
        }
    }
    Ok(())
}

/// Shows the words once, asks for four of them, and keeps nothing unless they are right.
async fn card(words: Words, replace: bool, talk: &mut Talk, out: &mut Out) -> Result<(), Failure> {
    let kind = match words {
        Words::Zh => "zh",
        Words::En => "en",
    };
    let asked: CardAsked = talk.call("backup.card_begin", &BeginCard { list: kind.into(), replace }).await?;
    let card: CardWords = talk.call("backup.card_words", &Nothing {}).await?;
    let shown = json!({ "words": card.words, "svg": card.svg, "ask": asked.ask });
    out.answer(&shown, |_| {
        let mut text = "write these down, in their order, and keep the paper where the computer is not:\n".to_owned();
        for (row, words) in card.words.chunks(4).enumerate() {
            let line = words.iter().zip(row * 4 + 1..).map(|(word, n)| format!("{n:>2} {word}"));
            text += &format!("{}\n", line.collect::<Vec<_>>().join("   "));
        }
        let asked: Vec<String> = asked.ask.iter().map(ToString::to_string).collect();
        text += &format!("then type, from the paper and one a line, the words {}\n", asked.join(", "));
        text
    });
    let mut typed = Vec::new();
    for nth in &asked.ask {
        if has_person() {
            let _ = write!(std::io::stderr(), "word {nth}: ");
        }
        typed.push(files::first_line()?);
    }
    let confirmed = talk.call::<_, BackupState>("backup.card_confirm", &ConfirmCard { words: typed }).await;
    match confirmed {
        Ok(state) => {
            out.answer(&state, |s| format!("the card is made; backups go to {}", s.folder));
            Ok(())
        }
        Err(e) => {
            let _: Done = talk.call("backup.card_forget", &Nothing {}).await?;
            Err(e.into())
        }
    }
}

fn words_of_card(from_stdin: bool) -> Result<String, Failure> {
    if from_stdin || !has_person() {
        return files::read(Path::new("-"));
    }
    rpassword::prompt_password("the 24 words of the card: ")
        .map_err(|e| Failure::other(format!("the words could not be read: {e}")))
}

/// The desk may be another process in another folder.
fn whole(path: &Path) -> String {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).display().to_string()
}

fn state_words(s: &BackupState) -> String {
    let mut text = list([
        ("trouble", s.trouble.replace('_', " ")),
        ("folder", s.folder.clone()),
        ("card", s.card.as_ref().map(|c| format!("{} since {}", &c.id[..8], time(c.made_at))).unwrap_or_default()),
    ]);
    text += &table(
        ["made", "how", "state", "bytes", "rows", "log", "file"],
        s.rows.iter().map(|b| {
            [
                time(b.at),
                b.how.replace('_', " "),
                if b.trouble.is_empty() { b.state.clone() } else { format!("{}: {}", b.state, b.trouble) },
                b.bytes.to_string(),
                b.rows.to_string(),
                b.log_rows.to_string(),
                b.file.clone(),
            ]
        }),
    );
    text
}

fn preview_words(p: &BackupPreview) -> String {
    list([
        ("made", time(p.made_at)),
        ("program", p.program.clone()),
        ("shops", p.shops.join(", ")),
        ("people", p.people.to_string()),
        ("parcels", p.parcels.to_string()),
        ("numbers", p.numbers.to_string()),
        ("labels", p.labels.to_string()),
        ("rows", p.rows.to_string()),
        ("log", format!("{} rows, head {}", p.log_rows, p.log_head)),
        (
            "this desk's log",
            match p.log_here.as_str() {
                "part" => "goes on from that head",
                "beyond" => {
                    "ENDS BEFORE that head: rows are missing here, or the backup is another computer's; log verify"
                }
                "apart" => "IS ANOTHER: the backup is another computer's, or the log was changed; log verify",
                _ => "",
            }
            .to_owned(),
        ),
    ])
}
