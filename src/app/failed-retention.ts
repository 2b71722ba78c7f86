// SPDX-License-Identifier: Apache-2.0
/** How long content of failed mail is kept: as its stream says, and no longer than the installation does. */
import type { DurationMs } from '../base/brand.ts'
import type { Directory } from '../records/directory.ts'
import type { Slug, Stream } from '../records/records.ts'

type Streams = Pick<Directory, 'stream'>

export class FailedRetention {
  readonly #most: DurationMs
  #streams: () => Streams

  /** `streams`: as they are at the start, until others are followed. */
  constructor(most: DurationMs, streams: readonly Stream[]) {
    this.#most = most
    const byName = new Map(streams.map((stream) => [`${stream.tenant}/${stream.name}`, stream]))
    const known = { stream: (tenant: Slug, name: Slug) => byName.get(`${tenant}/${name}`) ?? null }
    this.#streams = () => known
  }

  follow(streams: () => Streams): void {
    this.#streams = streams
  }

  readonly of = (mail: { readonly tenant: string; readonly stream: string } | null): DurationMs => {
    const stream = mail && this.#streams().stream(mail.tenant as Slug, mail.stream as Slug)
    return stream !== null && stream.keepsFailed < this.#most ? stream.keepsFailed : this.#most
  }
}
