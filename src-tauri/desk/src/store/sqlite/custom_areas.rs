//! The shop's own area of its labels.

use super::SqliteStore;
use crate::store::{AreaOf, CustomArea, LogEntry, R};
use domain::ids::GrantId;
use sqlx::Row;

pub(super) async fn all(store: &SqliteStore) -> R<Vec<(AreaOf, CustomArea)>> {
    sqlx::query("SELECT grant_id, text, goods, remark, station FROM custom_areas ORDER BY rowid")
        .fetch_all(&store.readers)
        .await?
        .iter()
        .map(|row| {
            let of = Some(row.try_get::<String, _>("grant_id")?).filter(|id| !id.is_empty()).map(GrantId::from_stored);
            let area = CustomArea {
                text: row.try_get("text")?,
                goods: row.try_get("goods")?,
                remark: row.try_get("remark")?,
                station: row.try_get("station")?,
            };
            Ok((of, area))
        })
        .collect()
}

pub(super) async fn save(store: &SqliteStore, of: &AreaOf, area: Option<&CustomArea>, log: &LogEntry) -> R<()> {
    let id = of.as_ref().map_or("", GrantId::as_str);
    let mut tx = store.begin().await?;
    sqlx::query("DELETE FROM custom_areas WHERE grant_id = ?1").bind(id).execute(&mut *tx).await?;
    if let Some(area) = area {
        sqlx::query("INSERT INTO custom_areas (grant_id, text, goods, remark, station) VALUES (?1, ?2, ?3, ?4, ?5)")
            .bind(id)
            .bind(&area.text)
            .bind(area.goods)
            .bind(&area.remark)
            .bind(&area.station)
            .execute(&mut *tx)
            .await?;
    }
    store.commit(tx, log).await
}
