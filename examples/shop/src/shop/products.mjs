/**
 * A thing to buy; the picture is `assets/products/<id>.svg`.
 * @typedef {{ id: string, name: string, description: string, price: number }} Product  price in cents
 */

/**
 * What a new database is filled with, in the order of the page.
 * @type {readonly Product[]}
 */
export const SEED_PRODUCTS = [
  { id: "launch-mug", name: "Launch mug", description: "Enamel, half a litre, keeps calm for an hour.", price: 1400 },
  { id: "checklist-notebook", name: "Checklist notebook", description: "Every line has a box. Every box wants a tick.", price: 950 },
  { id: "go-coin", name: "Go / no-go coin", description: "Solid brass. For decisions that data did not settle.", price: 800 },
  { id: "night-lamp", name: "Night-shift lamp", description: "Warm light that does not wake the rest of the house.", price: 3900 },
  { id: "mission-patch", name: "Mission patch", description: "Embroidered, one for everybody who was there.", price: 600 },
  { id: "rollback-blanket", name: "Rollback blanket", description: "Merino wool, for when going back is the way forward.", price: 4500 },
];
