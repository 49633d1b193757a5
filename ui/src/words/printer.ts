/** Whether this address is a printer of a platform's print component: labels whose data is sealed go there, others do not. */
export function isComponent(address: string): boolean {
  return address.trim().toLowerCase().startsWith("cainiao:");
}
