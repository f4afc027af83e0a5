/** A stream of a page, of either kind. */
export type OpenStream = {
  consumed(bytes: number): void;
  input(bytes: Uint8Array): void;
  resize(columns: number, rows: number): void;
  /** Ends it for a reason that the page is told, unless it asked for it itself. */
  end(reason: string): void;
};
