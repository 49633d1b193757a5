//! The README inside an export.

/// In English: it is for whoever reads the files with another program.
pub(super) fn text(clear: bool) -> String {
    let masking = if clear {
        "Names, phones, addresses, remarks and notes are IN CLEAR. Whoever has this folder has them: keep it locked, delete it \
         when it has served."
    } else {
        "Names, phones and the detail of addresses are masked as on a label (GB/T 41833); remarks, notes and the files of \
         carriers' labels are left out (`null`)."
    };
    format!(
        "# Export of Waybill Desk (面单台)\n\n{masking}\n\n\
         Each `.jsonl` file is JSON Lines: UTF-8, one JSON object a line, no order of keys promised. Times are whole \
         milliseconds since 1970-01-01T00:00:00Z. Ids are texts; a field with another file's singular name holds an id there. \
         `manifest.json` says when and by which version it was made, whether it is masked, and of each file how many lines it \
         has and its SHA-256. Fields may be added by later versions; none changes its meaning while `form` is 1.\n\n\
         | file | a line is | fields worth a word |\n| --- | --- | --- |\n\
         | `people.jsonl` | a person of this desk | no password, no hash of one |\n\
         | `shops.jsonl` | a grant | `state`: active, suspended, needs_renewal, revoked; no token |\n\
         | `couriers.jsonl` | an account at a courier | `shop`: its grant; `balance`: numbers left when last read |\n\
         | `printers.jsonl`, `printer_rules.jsonl` | a printer; a rule, in their order | |\n\
         | `templates.jsonl` | one version of an own template | `text`: TOML |\n\
         | `custom_areas.jsonl` | words on labels | `shop`: null = all shops |\n\
         | `parcels.jsonl` | an order | `waiting`: no number was asked for; `purged_at`: people's data was taken out then; orders \
         that were thrown away are not there |\n\
         | `numbers.jsonl` | an attempt to get a waybill number | `state`: intent, in_flight, issued, rejected, unknown, \
         needs_person, cancelling, cancelled |\n\
         | `labels.jsonl` | a label sent or to be sent | `copy`: 0 = the first; `number`: id in `numbers.jsonl`; `state`: queued, \
         rendered, sending, sent, confirmed, doubtful, failed |\n\
         | `carrier_labels.jsonl` | a page of a carrier's file | `file`: its bytes, beside this file |\n\
         | `batches.jsonl` | a batch | `parcels`: as on the screen, with why one was put aside |\n\
         | `log.jsonl` | a row of the action log, newest first | the chain's hashes are not here: `waybill log verify` checks them \
         in the desk |\n\n\
         Not here: app keys and secrets, tokens, sessions, the platform's raw answers.\n"
    )
}
