//! Labels that carriers and platforms made (外来面单): looked at, checked against the tracking number, printed through the
//! same journal as our own.
//!
//! Invariants: what is printed was read for this very printer and its bars were decoded from the dots that are sent; a page is
//! printed once, and again only as a copy with a reason; the file is kept sealed, so that a copy is the same label.
//! Absent: reading files (the crate `carrier-label`), numbers of our own couriers, scaling.

mod print;
mod read;

pub(crate) use print::{list, print, reprint};
pub(crate) use read::{dots, look};

use crate::api::{ApiError, CarrierLabelView, Code};
use crate::house::House;
use crate::order::history::{self, Names};
use crate::printing::jobs;
use crate::rights::{Actor, Permission};
use crate::store::CarrierLabel;
use domain::journal::PrintState;

/// One label with its jobs, as a person may see it.
async fn view(house: &House, actor: &Actor, label: &CarrierLabel, names: &Names) -> Result<CarrierLabelView, ApiError> {
    let prints = house.store.prints_of_label(&label.id).await?;
    let on_its_way =
        prints.iter().any(|p| matches!(p.state, PrintState::Queued | PrintState::Rendered | PrintState::Sending));
    Ok(CarrierLabelView {
        id: label.id.to_string(),
        name: label.name.clone(),
        kind: label.kind.clone(),
        page: label.page,
        pages: label.pages,
        tracking: label.tracking.clone(),
        checked: label.checked.clone(),
        created_at: label.created_at.0,
        by: names.person(label.created_by.as_str()),
        reprints_left: jobs::left(actor, prints.iter().map(|p| p.copy)),
        may_reprint: actor.may(Permission::Reprint) && !on_its_way,
        prints: prints.iter().map(|p| history::print_view(p, &label.tracking, names)).collect(),
    })
}

/// A page that was printed already.
fn printed_before(label: &CarrierLabel) -> ApiError {
    ApiError::new(Code::WrongState, "this label was printed already; nothing was printed")
        .detail("carrier_label_known")
        .hint(format!("print it again as a copy, with a reason: waybill carrier-labels reprint {}", label.id))
}
