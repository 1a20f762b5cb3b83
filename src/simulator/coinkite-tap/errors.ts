/** An error that the simulated card reports as the map {error, code} with status 9000. */
export class TapError extends Error {
  /** Three digits, from the list in coinkite/coinkite-tap-proto docs/protocol.md. */
  readonly code: number;

  constructor(code: number, text: string) {
    super(text);
    this.code = code;
  }
}
