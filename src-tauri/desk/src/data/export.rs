//! Everything in an open form: JSON Lines, a manifest with a hash of each file, and a README that says what a field means.

use super::{new_folder, not_written, readme, write_file};
use crate::api::{ApiError, Code, ExportAll, Exported};
use crate::backup;
use crate::door::At;
use crate::house::House;
use crate::order::content;
use crate::rights::Permission;
use crate::store::{LabelOf, LogQuery, Order, Print, WantParcels, Waybill};
use domain::batch::BatchState;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::path::Path;
use std::sync::Arc;

const PAGE: u32 = 200;

/// Lines of one file, written as they come: an export of years is larger than memory.
struct Lines {
    name: &'static str,
    out: std::io::BufWriter<std::fs::File>,
    hash: Sha256,
    rows: i64,
}

impl Lines {
    fn new(folder: &Path, name: &'static str) -> Result<Self, ApiError> {
        let mut how = std::fs::File::options();
        how.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut how, 0o600);
        let file = how.open(folder.join(name)).map_err(|e| not_written(&e))?;
        Ok(Self { name, out: std::io::BufWriter::new(file), hash: Sha256::new(), rows: 0 })
    }

    fn add(&mut self, line: &Value) -> Result<(), ApiError> {
        use std::io::Write;
        let mut text = serde_json::to_vec(line).map_err(ApiError::internal)?;
        text.push(b'\n');
        self.hash.update(&text);
        self.rows += 1;
        self.out.write_all(&text).map_err(|e| not_written(&e))
    }

    fn end(self) -> Result<(Value, i64), ApiError> {
        let file = self.out.into_inner().map_err(|e| not_written(e.error()))?;
        file.sync_all().map_err(|e| not_written(&e))?;
        let sum = backup::hex(&self.hash.finalize());
        Ok((json!({ "file": self.name, "rows": self.rows, "sha256": sum }), self.rows))
    }
}

/// Masked, unless it was asked otherwise by a person with the right. The row is there before the first line is written.
pub(crate) async fn export(at: &At<'_>, req: ExportAll) -> Result<Exported, ApiError> {
    let (house, actor) = (at.house, at.actor()?);
    if req.unmasked && !actor.may(Permission::ExportPersonal) {
        let log = house.entry(actor, "refused", Permission::ExportPersonal.word(), "");
        house.store.note(&log).await?;
        return Err(ApiError::new(Code::NotAllowed, "names and phones in clear need the right `export_personal`")
            .detail(Permission::ExportPersonal.word())
            .hint("export masked, or ask the owner; nothing was written"));
    }
    let folder = new_folder(house, &req.folder, "waybill-export")?;
    let told = format!("unmasked={} folder={}", req.unmasked, folder.display());
    house.store.note(&house.entry(actor, "data.export", "", told)).await?;
    match write(house, &folder, req.unmasked).await {
        Ok(rows) => Ok(Exported { folder: folder.display().to_string(), rows, masked: !req.unmasked }),
        Err(e) => {
            // Half an export looks like a whole one.
            if let Err(error) = std::fs::remove_dir_all(&folder) {
                tracing::warn!(%error, "half an export could not be removed");
            }
            Err(e)
        }
    }
}

async fn write(house: &Arc<House>, folder: &Path, clear: bool) -> Result<i64, ApiError> {
    let store = &house.store;
    let mut files = Vec::new();
    let mut all = 0;
    let mut done = |lines: Lines| -> Result<(), ApiError> {
        let (file, rows) = lines.end()?;
        files.push(file);
        all += rows;
        Ok(())
    };

    let mut lines = Lines::new(folder, "people.jsonl")?;
    for p in store.people().await? {
        lines.add(&json!({ "id": p.id.to_string(), "name": p.name, "post": p.post,
            "created_at": p.created_at.0, "last_login_at": p.last_login_at.map(|t| t.0) }))?;
    }
    done(lines)?;

    let mut lines = Lines::new(folder, "shops.jsonl")?;
    for g in store.grants().await? {
        lines.add(&json!({ "id": g.id.to_string(), "platform": g.platform, "shop_id": g.shop_id.0,
            "shop_name": g.shop_name, "state": g.state.word(), "granted_by": g.granted_by.to_string(),
            "granted_at": g.granted_at.0, "expires_at": g.expires_at.map(|t| t.0) }))?;
    }
    done(lines)?;

    let mut lines = Lines::new(folder, "couriers.jsonl")?;
    for c in store.couriers().await? {
        lines.add(&json!({ "id": c.id.to_string(), "shop": c.grant.to_string(), "code": c.code.0,
            "branch_code": c.branch_code, "branch_name": c.branch_name, "balance": c.balance,
            "customer_codes": c.customer_codes, "sender_addresses": c.senders }))?;
    }
    done(lines)?;

    let mut lines = Lines::new(folder, "printers.jsonl")?;
    for p in store.printers().await? {
        lines.add(&json!({ "id": p.id.to_string(), "name": p.name, "address": p.address, "dpi": p.dpi.value(),
            "width_mm": p.width_mm, "height_mm": p.height_mm, "gap_mm": p.gap_mm, "default": p.default }))?;
    }
    done(lines)?;

    let mut lines = Lines::new(folder, "printer_rules.jsonl")?;
    for r in store.printer_rules().await? {
        lines.add(&json!({ "courier_code": r.courier_code, "template": r.template, "station": r.station,
            "printer": r.printer.to_string(), "stand_in": r.stand_in.map(|p| p.to_string()) }))?;
    }
    done(lines)?;

    let mut lines = Lines::new(folder, "templates.jsonl")?;
    for newest in store.own_templates().await? {
        for version in 1..=newest.version {
            if let Some(t) = store.own_template(&newest.id, version).await? {
                lines.add(&json!({ "id": t.id, "version": t.version, "made_from": t.made_from,
                    "created_at": t.created_at.0, "created_by": t.created_by.to_string(), "text": t.text }))?;
            }
        }
    }
    done(lines)?;

    let mut lines = Lines::new(folder, "custom_areas.jsonl")?;
    for (of, area) in store.custom_areas().await? {
        lines.add(&json!({ "shop": of.map(|g| g.to_string()), "text": area.text, "goods": area.goods,
            "remark": area.remark, "station": area.station }))?;
    }
    done(lines)?;

    let (mut parcels, mut numbers) = (Lines::new(folder, "parcels.jsonl")?, Lines::new(folder, "numbers.jsonl")?);
    let mut labels = Lines::new(folder, "labels.jsonl")?;
    let mut want = WantParcels { limit: PAGE, ..WantParcels::default() };
    let mut ready = store.ready(u32::MAX).await?;
    for b in store.recent_batches(u32::MAX).await?.iter().filter(|b| b.state != BatchState::Done) {
        for p in store.batch_parcels(&b.id).await? {
            if store.waybills_of(&p.id).await?.is_empty() {
                ready.push(p);
            }
        }
    }
    let mut waiting = Some(ready);
    loop {
        let page = match waiting.take() {
            Some(ready) => ready,
            None => {
                let page = store.parcels(&want).await?;
                let Some(last) = page.last() else { break };
                want.before = Some(last.seq);
                page
            }
        };
        for p in page {
            let with = store.waybills_of(&p.id).await?;
            let mut line = order(&p.order, clear);
            line["id"] = json!(p.id.to_string());
            line["seq"] = json!(p.seq);
            line["created_at"] = json!(p.created_at.0);
            line["created_by"] = json!(p.created_by.to_string());
            line["template"] = json!(p.template);
            line["reference"] = json!(p.reference);
            line["stop"] = json!(p.stop);
            line["waiting"] = json!(with.is_empty());
            line["purged_at"] = json!(p.purged_at.map(|t| t.0));
            parcels.add(&line)?;
            for w in &with {
                numbers.add(&number(w))?;
            }
            for job in store.prints_of(&p.id).await? {
                labels.add(&label(&job, clear))?;
            }
        }
        tokio::task::yield_now().await;
    }

    let mut carrier = Lines::new(folder, "carrier_labels.jsonl")?;
    for l in store.carrier_labels(u32::MAX).await? {
        let file = match clear {
            true => store.carrier_file(&l.id).await?.filter(|bytes| !bytes.is_empty()),
            false => None,
        };
        let name = file.is_some().then(|| format!("carrier-{}.{}", l.id, l.kind.to_lowercase()));
        if let (Some(bytes), Some(name)) = (file, &name) {
            write_file(&folder.join(name), &bytes).map_err(|e| not_written(&e))?;
        }
        carrier.add(
            &json!({ "id": l.id.to_string(), "name": clear.then_some(&l.name), "kind": l.kind, "page": l.page,
            "pages": l.pages, "tracking": l.tracking, "checked": l.checked, "created_at": l.created_at.0,
            "created_by": l.created_by.to_string(), "file": name }),
        )?;
        for job in store.prints_of_label(&l.id).await? {
            labels.add(&label(&job, clear))?;
        }
    }
    for lines in [parcels, numbers, labels, carrier] {
        done(lines)?;
    }

    let mut lines = Lines::new(folder, "batches.jsonl")?;
    for b in store.recent_batches(u32::MAX).await? {
        let items = store.batch_items(&b.id).await?;
        lines.add(&json!({ "id": b.id.to_string(), "number": b.number, "state": b.state.word(), "trouble": b.trouble,
            "shop": b.grant.to_string(), "courier": b.courier.to_string(), "printer": b.printer.to_string(),
            "created_by": b.created_by.to_string(), "created_at": b.created_at.0, "ended_at": b.ended_at.map(|t| t.0),
            "parcels": items.iter().map(|i| json!({ "seq": i.seq, "parcel": i.parcel.to_string(), "aside": i.aside })).collect::<Vec<_>>() }))?;
    }
    done(lines)?;

    let mut lines = Lines::new(folder, "log.jsonl")?;
    let mut before = None;
    loop {
        let page = store.log_page(&LogQuery { before, limit: 1000, ..LogQuery::default() }).await?;
        let Some(last) = page.last() else { break };
        before = Some(last.seq);
        for l in page {
            // What people typed as a note may name somebody.
            let told = if clear || !l.detail.contains("note=") { Some(l.detail) } else { None };
            lines.add(&json!({ "seq": l.seq, "at": l.at.0, "person": l.person, "station": l.station,
                "action": l.action, "object": l.object, "detail": told }))?;
        }
    }
    done(lines)?;

    let manifest = json!({ "form": 1, "program": env!("CARGO_PKG_VERSION"), "made_at": house.now().0, "masked": !clear,
        "practice": house.trial, "files": files });
    let text = serde_json::to_vec_pretty(&manifest).map_err(ApiError::internal)?;
    write_file(&folder.join("manifest.json"), &text).map_err(|e| not_written(&e))?;
    write_file(&folder.join("README.md"), readme::text(clear).as_bytes()).map_err(|e| not_written(&e))?;
    Ok(all)
}

fn order(o: &Order, clear: bool) -> Value {
    let contact = if clear { content::wire_contact } else { content::masked_contact };
    // A remark is free text: it may name anybody.
    json!({ "sender": contact(&o.sender), "recipient": contact(&o.recipient), "goods": content::wire_goods(&o.goods),
        "remark": clear.then_some(&o.remark), "weight_g": o.weight_g })
}

fn number(w: &Waybill) -> Value {
    json!({ "id": w.id.to_string(), "parcel": w.parcel.to_string(), "attempt": w.attempt, "state": w.state.word(),
        "number": w.number.as_ref().map(|n| &n.0), "shop": w.grant.to_string(), "shop_name": w.shop_name,
        "courier": w.courier.to_string(), "courier_code": w.courier_code.0, "asked_by": w.asked_by.to_string(),
        "reason": w.reason, "created_at": w.created_at.0, "ended_at": w.ended_at.map(|t| t.0) })
}

fn label(p: &Print, clear: bool) -> Value {
    let (parcel, number, carrier) = match &p.of {
        LabelOf::Number { parcel, waybill } => (Some(parcel.to_string()), Some(waybill.to_string()), None),
        LabelOf::Carrier(label) => (None, None, Some(label.to_string())),
    };
    json!({ "id": p.id.to_string(), "parcel": parcel, "number": number, "carrier_label": carrier, "copy": p.copy,
        "reason": p.reason, "note": clear.then_some(&p.note), "asked_by": p.asked_by.to_string(),
        "printer": p.printer.to_string(), "template": p.template, "state": p.state.word(), "trouble": p.trouble,
        "created_at": p.created_at.0, "ended_at": p.ended_at.map(|t| t.0) })
}
