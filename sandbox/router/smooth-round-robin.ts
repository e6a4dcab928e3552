import type { PerSlot, Slot } from "../../model/slot.js";

/**
 * Smooth weighted round robin over the two slots, the algorithm of nginx's `ngx_http_upstream_round_robin`:
 * every slot gains its weight, the highest is chosen and pays the total. Over any window of
 * `sum / gcd(weights)` turns the shares are exact, and the turns of a slot are spread evenly.
 */
export class SmoothRoundRobin {
  #blue = 0;
  #green = 0;

  /** The slot whose turn it is. Weights are integers of at least 0, not both 0; a slot with weight 0 is never chosen. */
  next(weights: PerSlot<number>): Slot {
    const total = weights.blue + weights.green;
    this.#blue += weights.blue;
    this.#green += weights.green;
    if (this.#blue >= this.#green) {
      this.#blue -= total;
      return "blue";
    }
    this.#green -= total;
    return "green";
  }
}
