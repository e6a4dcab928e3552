import { sendHome } from "../pages/home.mjs";

/**
 * The page for people.
 * @param {import("../app.mjs").App} app
 * @returns {import("../http/router.mjs").Route[]}
 */
export function homeRoutes(app) {
  return [
    {
      method: "GET",
      path: "/",
      handle: (context) => sendHome(app, context),
    },
  ];
}
