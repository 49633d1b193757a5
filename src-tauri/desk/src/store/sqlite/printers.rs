//! Printers as set up here.

use super::SqliteStore;
use crate::store::{LogEntry, Printer, PrinterRule, R, StoreError};
use domain::ids::PrinterId;
use domain::printer::{Language, MediaKind, Offset};
use domain::units::Dpi;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

pub(super) async fn all(store: &SqliteStore) -> R<Vec<Printer>> {
    sqlx::query("SELECT * FROM printers WHERE removed = 0 ORDER BY name, rowid")
        .fetch_all(&store.readers)
        .await?
        .iter()
        .map(printer)
        .collect()
}

pub(super) async fn by_id(store: &SqliteStore, id: &PrinterId) -> R<Option<Printer>> {
    let row =
        sqlx::query("SELECT * FROM printers WHERE id = ?1").bind(id.as_str()).fetch_optional(&store.readers).await?;
    row.as_ref().map(printer).transpose()
}

pub(super) async fn save(store: &SqliteStore, p: &Printer, log: &LogEntry) -> R<()> {
    let mut tx = store.begin().await?;
    if p.default {
        sqlx::query("UPDATE printers SET is_default = 0 WHERE id <> ?1").bind(p.id.as_str()).execute(&mut *tx).await?;
    }
    sqlx::query(
        "INSERT INTO printers (id, name, address, language, dpi, width_mm, height_mm, gap_mm, speed, darkness,
         media_kind, offset_x, offset_y, family, is_default, removed)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, address = excluded.address,
         language = excluded.language, dpi = excluded.dpi, width_mm = excluded.width_mm,
         height_mm = excluded.height_mm, gap_mm = excluded.gap_mm, speed = excluded.speed,
         darkness = excluded.darkness, media_kind = excluded.media_kind, offset_x = excluded.offset_x,
         offset_y = excluded.offset_y, family = excluded.family, is_default = excluded.is_default,
         removed = excluded.removed, measured_mm = CASE WHEN printers.address = excluded.address
           AND printers.height_mm = excluded.height_mm THEN printers.measured_mm END",
    )
    .bind(p.id.as_str())
    .bind(&p.name)
    .bind(&p.address)
    .bind(p.language.word())
    .bind(p.dpi.nominal())
    .bind(p.width_mm)
    .bind(p.height_mm)
    .bind(p.gap_mm)
    .bind(p.speed)
    .bind(p.darkness)
    .bind(p.media_kind.word())
    .bind(p.offset.x)
    .bind(p.offset.y)
    .bind(&p.family)
    .bind(p.default)
    .bind(p.removed)
    .execute(&mut *tx)
    .await?;
    store.commit(tx, log).await
}

pub(super) async fn remove(store: &SqliteStore, id: &PrinterId, log: &LogEntry) -> R<()> {
    let mut tx = store.begin().await?;
    let done = sqlx::query("UPDATE printers SET removed = 1, is_default = 0 WHERE id = ?1")
        .bind(id.as_str())
        .execute(&mut *tx)
        .await?;
    store.commit_one(tx, done.rows_affected(), log).await
}

pub(super) async fn measured(store: &SqliteStore, id: &PrinterId, mm: Option<f64>, log: &LogEntry) -> R<()> {
    let mut tx = store.begin().await?;
    let done = sqlx::query("UPDATE printers SET measured_mm = ?2 WHERE id = ?1")
        .bind(id.as_str())
        .bind(mm)
        .execute(&mut *tx)
        .await?;
    store.commit_one(tx, done.rows_affected(), log).await
}

pub(super) async fn rules(store: &SqliteStore) -> R<Vec<PrinterRule>> {
    sqlx::query("SELECT courier_code, template, station, printer_id, stand_in FROM printer_rules ORDER BY seq")
        .fetch_all(&store.readers)
        .await?
        .iter()
        .map(|row| {
            Ok(PrinterRule {
                courier_code: row.try_get("courier_code")?,
                template: row.try_get("template")?,
                station: row.try_get("station")?,
                printer: PrinterId::from_stored(row.try_get::<String, _>("printer_id")?),
                stand_in: Some(row.try_get::<String, _>("stand_in")?)
                    .filter(|id| !id.is_empty())
                    .map(PrinterId::from_stored),
            })
        })
        .collect()
}

pub(super) async fn save_rules(store: &SqliteStore, rules: &[PrinterRule], log: &LogEntry) -> R<()> {
    let mut tx = store.begin().await?;
    sqlx::query("DELETE FROM printer_rules").execute(&mut *tx).await?;
    for (rule, seq) in rules.iter().zip(1i64..) {
        sqlx::query(
            "INSERT INTO printer_rules (seq, courier_code, template, station, printer_id, stand_in)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )
        .bind(seq)
        .bind(&rule.courier_code)
        .bind(&rule.template)
        .bind(&rule.station)
        .bind(rule.printer.as_str())
        .bind(rule.stand_in.as_ref().map_or("", |id| id.as_str()))
        .execute(&mut *tx)
        .await?;
    }
    store.commit(tx, log).await
}

fn printer(row: &SqliteRow) -> R<Printer> {
    let unreadable = |column: &str| StoreError::Unreadable { what: format!("printers.{column}") };
    let (language, media_kind): (&str, &str) = (row.try_get("language")?, row.try_get("media_kind")?);
    Ok(Printer {
        id: PrinterId::from_stored(row.try_get::<String, _>("id")?),
        name: row.try_get("name")?,
        address: row.try_get("address")?,
        language: Language::from_word(language).ok_or_else(|| unreadable("language"))?,
        dpi: Dpi::from_nominal(row.try_get("dpi")?).ok_or_else(|| unreadable("dpi"))?,
        width_mm: row.try_get("width_mm")?,
        height_mm: row.try_get("height_mm")?,
        gap_mm: row.try_get("gap_mm")?,
        media_kind: MediaKind::from_word(media_kind).ok_or_else(|| unreadable("media_kind"))?,
        offset: Offset { x: row.try_get("offset_x")?, y: row.try_get("offset_y")? },
        family: row.try_get("family")?,
        speed: row.try_get("speed")?,
        darkness: row.try_get("darkness")?,
        measured_mm: row.try_get("measured_mm")?,
        default: row.try_get("is_default")?,
        removed: row.try_get("removed")?,
    })
}
