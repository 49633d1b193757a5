//! What the store takes and gives, in the words of the trade.

mod backups;
mod batches;
mod carrier_labels;
mod couriers;
mod custom_areas;
mod grants;
mod orders;
mod people;
mod prints;
mod purge;
mod templates;
mod waybills;

pub use backups::*;
pub use batches::*;
pub use carrier_labels::*;
pub use couriers::*;
pub use custom_areas::*;
pub use grants::*;
pub use orders::*;
pub use people::*;
pub use prints::*;
pub use purge::*;
pub use templates::*;
pub use waybills::*;
