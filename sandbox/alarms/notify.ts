import { deliver, type DeliveryOptions, type Outcome, type Target } from "../../delivery/deliver.js";
import { newsOf, type AlarmNews } from "./notification.js";

/** Tells one target of a change of an alarm, or of a test: the one way that both go. Never throws. `directory` is what relative paths are below. */
export function notify(target: Target, about: AlarmNews, directory: string, options: DeliveryOptions = {}): Promise<Outcome> {
  return deliver(target, newsOf(about), directory, options);
}
