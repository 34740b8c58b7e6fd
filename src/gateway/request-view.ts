import type { RawHeaders } from './headers.ts'

/** What an adapter shows of a request. */
export interface RequestView {
  readonly method: string
  /** As received: path and query. */
  readonly target: string
  readonly headers: RawHeaders
  /** The socket's peer address. */
  readonly remote: string
  /** The whole body. Refuses `too_large` beyond `limit` bytes. Asked once, and only where it is inspected. */
  body(limit: number): Promise<Uint8Array>
  /** Where this message ends is a matter of opinion: what follows on its connection is not to be read as a request. */
  distrust(): void
}
