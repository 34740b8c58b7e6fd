/** Time as the product counts it: whole seconds since 1970. Fields end in `At`; durations end in `Seconds`. */

export type Seconds = number

export interface Clock {
  /** Seconds since 1970, whole. */
  now(): Seconds
  /** Milliseconds that only ever rise; zero is arbitrary. For ages and latencies, never for dates. */
  monotonicMs(): number
}

export const minutes = (n: number): Seconds => n * 60
export const hours = (n: number): Seconds => n * 3600
export const days = (n: number): Seconds => n * 86_400

export const systemClock: Clock = {
  now: () => Math.floor(Date.now() / 1000),
  monotonicMs: () => performance.now(),
}
