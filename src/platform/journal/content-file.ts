// SPDX-License-Identifier: Apache-2.0
/**
 * Content that has a file of its own: opened when its first chunk is asked for, and closed by whoever asked for the content. Size and checksum are
 * those that its record has; the last chunk is handed out when both are right, so that nobody ever sends damaged content whole.
 */
import { crc32 } from 'node:zlib'
import { systemCode } from '../../base/errors.ts'
import type { ContentTrouble, SpooledContent } from '../../spool/content.ts'
import type { JournalFile, JournalFiles } from './journal-files.ts'
import type { FiledContent } from './mail-record.ts'

const CHUNK_BYTES = 64 * 1_024

export interface ContentFileOptions {
  readonly files: JournalFiles
  readonly path: string
  readonly signature: Uint8Array
  readonly expected: FiledContent
  /** Called once, when reading fails. */
  readonly onTrouble: (trouble: ContentTrouble) => void
}

export class ContentFile implements SpooledContent {
  readonly kind = 'readable'
  readonly #options: ContentFileOptions
  #file: JournalFile | null = null
  #isDisposed = false
  #trouble: ContentTrouble | null = null

  constructor(options: ContentFileOptions) {
    this.#options = options
  }

  get signature(): Uint8Array {
    return this.#options.signature
  }

  get size(): number {
    return this.#options.expected.bytes
  }

  get trouble(): ContentTrouble | null {
    return this.#trouble
  }

  get body(): AsyncIterable<Uint8Array> {
    return this.#chunks()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const file = this.#file
    this.#isDisposed = true
    this.#file = null
    await file?.close()
  }

  async *#chunks(): AsyncGenerator<Uint8Array> {
    const { bytes, crc } = this.#options.expected
    let found = 0
    for (let at = 0; at < bytes; ) {
      const chunk = await this.#read(at, Math.min(CHUNK_BYTES, bytes - at))
      at += chunk.length
      found = crc32(chunk, found)
      if (at === bytes && found !== crc) throw this.#fail(wrongChecksum)
      yield chunk
    }
  }

  async #read(at: number, bytes: number): Promise<Buffer> {
    const chunk = Buffer.allocUnsafe(bytes)
    let read: number
    try {
      this.#file ??= await this.#open()
      read = await this.#file.read(chunk, at)
    } catch (thrown) {
      throw this.#fail(troubleOf(thrown))
    }
    if (read < bytes) throw this.#fail(cutShort)
    return chunk
  }

  /** Whoever disposes of the content while its file is being opened leaves nothing open. */
  async #open(): Promise<JournalFile> {
    const { files, path } = this.#options
    const file = await files.open(path, 'read')
    if (!this.#isDisposed) return file
    await file.close()
    throw new Error('the content was disposed of while its file was being opened')
  }

  #fail(trouble: ContentTrouble): Error {
    this.#trouble = trouble
    this.#options.onTrouble(trouble)
    if (trouble.kind === 'damaged') return new Error(`content is damaged: ${trouble.why}`)
    return new Error('content cannot be read', { cause: trouble.error })
  }
}

/** A file that is not there is damage. Everything else that a system call may say (EMFILE, ENOMEM, EIO, EACCES) may be over in a minute. */
export function troubleOf(thrown: unknown): ContentTrouble {
  return systemCode(thrown) === 'ENOENT' ? missing : { kind: 'unreadable', error: thrown }
}

const missing: ContentTrouble = { kind: 'damaged', why: 'its file is missing' }
const cutShort: ContentTrouble = { kind: 'damaged', why: 'its file is shorter than it was' }
const wrongChecksum: ContentTrouble = {
  kind: 'damaged',
  why: 'its file does not match its checksum',
}
