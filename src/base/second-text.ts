// SPDX-License-Identifier: Apache-2.0
/** What is written of a time to the second. Thousands of messages may come in the same one: it is written once for all of them. */
export class SecondText {
  readonly #write: (second: number) => string
  #second = Number.NaN
  #text = ''

  /** `write`: gets seconds since 1970. */
  constructor(write: (second: number) => string) {
    this.#write = write
  }

  of(second: number): string {
    if (second !== this.#second) {
      this.#text = this.#write(second)
      this.#second = second
    }
    return this.#text
  }
}
