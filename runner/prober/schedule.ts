/** Milliseconds after the start at which request `n` (from 0) is due, at `rate` requests per second. */
export function dueMs(n: number, rate: number): number {
  return (n * 1000) / rate;
}

/**
 * When requests are due, in milliseconds after the start, one after the other from 0: at even distances, or at random ones that are 1/rate on average and
 * exponentially distributed. Only the latter see each state of a service as often as it is there (Poisson arrivals see time averages): even ones keep step with
 * any other client that is even too, and between the turns of a balancer they then get the same slot again and again.
 * @param random numbers from 0 to below 1
 */
export function createArrivals(rate: number, arrivals: "even" | "random", random: () => number = Math.random): () => number {
  let n = 0;
  let due = 0;
  return () => {
    if (arrivals === "even") due = dueMs(n, rate);
    else if (n > 0) due += (-Math.log(1 - random()) * 1000) / rate;
    n += 1;
    return due;
  };
}

/** How many requests are due in `durationMs`, the first one at 0. */
export function requestsIn(durationMs: number, rate: number): number {
  return Math.ceil((durationMs * rate) / 1000);
}

/**
 * Chooses so that shares are exact in every round of `sum(weights)` choices, in an order that is drawn anew in every round. A fixed order would fall
 * into step with a router that gives every n-th request to the candidate: at 10 % it would see one kind of request only, and the others untested.
 * @param items at least one
 * @param random from 0 to below 1
 */
export function createPicker<T extends { readonly weight: number }>(items: readonly T[], random: () => number = Math.random): () => T {
  const sum = items.reduce((total, { weight }) => total + weight, 0);
  const places = items.map((item) => ({ item, left: 0 }));
  let left = 0;
  return () => {
    if (left === 0) {
      for (const place of places) place.left = place.item.weight;
      left = sum;
    }
    let at = Math.floor(random() * left);
    const place = places.find((each) => (at -= each.left) < 0);
    if (place === undefined) throw new RangeError("There is nothing to choose from, or a number drawn is not from 0 to below 1.");
    place.left -= 1;
    left -= 1;
    return place.item;
  };
}
