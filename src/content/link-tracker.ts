// SPDX-License-Identifier: Apache-2.0
/** What is put into the HTML of a tracked message: made for one recipient. */
export interface LinkTracker {
  /** Where a link leads in place of `target`; `null`: clicks are not counted. */
  readonly link: ((target: string) => string) | null
  /** Of a picture that is loaded when the message is shown; `null`: openings are not counted. */
  readonly pixel: string | null
  /** It leads to us already, or must not lead over us. */
  isExempt(target: URL): boolean
}
