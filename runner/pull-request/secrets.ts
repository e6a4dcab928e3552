import { formsOf, SHORTEST_SEARCHED } from "../engine/search-state.js";

const SECRET_NAME = /TOKEN|SECRET|PASSPHRASE|PASSWORD|CREDENTIAL|(^|_)KEY($|_)/i;
/** Names that hold a place, not a secret. */
const PLACE = /_(FILE|PATH|URL)$/i;

/** Takes the values of the environment's secrets out of a text, in each form in which they may stand there. */
export function secretsHidden(environment: NodeJS.ProcessEnv): (text: string) => string {
  const forms = Object.entries(environment)
    .flatMap(([name, value]) => (value !== undefined && value.length >= SHORTEST_SEARCHED && SECRET_NAME.test(name) && !PLACE.test(name) ? formsOf(value) : []))
    .sort((a, b) => b.length - a.length);
  return (text) => forms.reduce((shown, form) => shown.replaceAll(form, "***"), text);
}
