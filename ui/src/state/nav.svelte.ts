/** Where the window is. One screen at a time; no addresses, no history to go back through. */
export type Place =
  | { page: "station" }
  | { page: "order" }
  | { page: "accounts" }
  | { page: "wizard"; courier: string }
  | { page: "history"; parcel?: string }
  | { page: "log" }
  | { page: "people" }
  | { page: "settings" }
  | { page: "help" }
  | { page: "templates" }
  | { page: "carrier_labels"; label?: string };

class Nav {
  place = $state.raw<Place>({ page: "station" });
  keyCard = $state(false);

  go(place: Place): void {
    this.place = place;
  }
}

export const nav = new Nav();
