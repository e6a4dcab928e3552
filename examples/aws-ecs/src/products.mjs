/** What is sold. Prices are in the smallest unit of the currency, cents say. */
export const PRODUCTS = [
  { id: "launch-mug", name: "Launch mug", price: 1400 },
  { id: "mission-patch", name: "Mission patch", price: 600 },
  { id: "night-lamp", name: "Night lamp", price: 3900 },
];

/** Undefined when nothing of that name is sold. */
export function productOf(id) {
  return PRODUCTS.find((product) => product.id === id);
}
