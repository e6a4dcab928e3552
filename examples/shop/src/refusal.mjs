/** An answer other than the one asked for; the message is for the caller to read. */
export class Refusal extends Error {
  /**
   * @param {number} status  HTTP status, 400 to 599
   * @param {string} message  one sentence
   * @param {Record<string, unknown>} [details]  more fields of the JSON answer
   * @param {Record<string, string>} [headers]
   */
  constructor(status, message, details = {}, headers = {}) {
    super(message);
    this.name = "Refusal";
    this.status = status;
    this.details = details;
    this.headers = headers;
  }
}
