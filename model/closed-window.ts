import type { WindowState } from "./window.js";

/** Why nothing may begin now, by which rule, and when it may: for whoever is refused. */
export function closedInWords({ rule, opens }: Extract<WindowState, { open: false }>): string {
  const when = opens === null ? "It does not open within a year; change mission:window." : `It opens on ${opens.words}, ${opens.iso}; begin then, or change mission:window.`;
  return `The window is closed. ${sentence(rule)} ${when}`;
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
