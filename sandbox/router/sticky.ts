import { SLOTS, type Slot } from "../../model/slot.js";

/** The slot that the cookie of a service names, if there is one. `cookies` is the value of the `Cookie` header. */
export function slotOfCookie(service: string, cookies: string | undefined): Slot | undefined {
  if (cookies === undefined) return undefined;
  const prefix = `${cookieName(service)}=`;
  const cookie = cookies.split(";").map((part) => part.trim()).find((part) => part.startsWith(prefix));
  const value = cookie?.slice(prefix.length);
  return SLOTS.find((slot) => slot === value);
}

/** The `Set-Cookie` header that keeps a client on a slot of a service for `maxAgeSeconds`. */
export function cookieFor(service: string, slot: Slot, maxAgeSeconds: number): string {
  return `${cookieName(service)}=${slot}; Max-Age=${maxAgeSeconds}; Path=/; HttpOnly; SameSite=Lax`;
}

function cookieName(service: string): string {
  return `mission-slot-${service}`;
}
