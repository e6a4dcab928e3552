import { sendJson } from "../http/respond.mjs";

/**
 * Is it alive, may it have traffic, and who is it.
 * @param {import("../app.mjs").App} app
 * @returns {import("../http/router.mjs").Route[]}
 */
export function healthRoutes({ build, settings, repository, state, stopping, faults }) {
  const { version } = build;
  const problem = async () => {
    if (!faults.ready) return "this build never becomes ready";
    if (stopping.aborted) return "the process is stopping";
    if (!state.ready) return "the tables are not prepared yet";
    return repository.ping().then(
      () => null,
      () => "the database does not answer",
    );
  };
  return [
    {
      method: "GET",
      path: "/healthz",
      async handle({ response }) {
        const reason = await problem();
        sendJson(response, reason ? 503 : 200, reason ? { status: "unavailable", reason, version } : { status: "ok", version });
      },
    },
    {
      method: "GET",
      path: "/livez",
      handle: ({ response }) => sendJson(response, 200, { status: "ok" }),
    },
    {
      method: "GET",
      path: "/version",
      handle: ({ response }) =>
        sendJson(response, 200, { version, commit: build.commit, slot: settings.slot, environment: settings.environment }),
    },
  ];
}
