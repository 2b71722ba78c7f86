// SPDX-License-Identifier: Apache-2.0
/**
 * A message on its way in. Small content waits in memory for its record; what is larger than `inlineOctets` goes to
 * `content/<draft>.draft` as it comes, and gets the message's name just before its record is written.
 */
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { messageOf, RelayError, systemCode } from '../../base/errors.ts'
import { invariant } from '../../base/invariant.ts'
import { memoryLimits } from '../../base/limits/process-limits.ts'
import type { ReceivedEvent, Unwritten } from '../../events/event.ts'
import type { Message, WaitingRecipient } from '../../spool/message.ts'
import type { SpoolDraft } from '../../spool/spool.ts'
import { isNoRoom, writeAll } from './file-writes.ts'
import type { JournalFile, JournalFiles } from './journal-files.ts'
import type { FiledContent, StoredContent } from './mail-record.ts'
import { full, type Space } from './space.ts'

export interface DraftParts {
  readonly folder: string
  readonly files: JournalFiles
  readonly space: Space
  readonly inlineOctets: number
  /** Names a draft among those of this process. */
  readonly number: number
  /** Makes it durable. */
  readonly accept: (accepted: Accepted) => Promise<readonly WaitingRecipient[]>
}

export interface Accepted {
  readonly message: Message
  readonly signature: Uint8Array
  readonly content: StoredContent
  readonly received: Unwritten<ReceivedEvent>
}

/** The folder, below the journal's, of content that has a file. */
export const CONTENT_FOLDER = 'content'

export class JournalDraft implements SpoolDraft {
  readonly #parts: DraftParts
  #chunks: Uint8Array[] = []
  #octets = 0
  #heldOctets = 0
  /** Where content is streamed to; the promise chain of its writes. */
  #stream: ContentStream | null = null
  #isOver = false

  constructor(parts: DraftParts) {
    this.#parts = parts
  }

  get heldOctets(): number {
    return this.#heldOctets
  }

  write(chunk: Uint8Array): Promise<void> | undefined {
    invariant(!this.#isOver, 'a draft takes content until it is committed or aborted')
    this.#octets += chunk.byteLength
    if (this.#stream) return this.#stream.write([chunk])
    this.#chunks.push(chunk)
    // A client may send octet by octet, and each chunk costs more than its octets.
    this.#heldOctets += chunk.byteLength + memoryLimits.chunkOctets
    if (this.#heldOctets <= this.#parts.inlineOctets) return undefined
    this.#heldOctets = 0
    const { files, folder, number } = this.#parts
    this.#stream = new ContentStream(files, join(folder, CONTENT_FOLDER, `${number}.draft`))
    const chunks = this.#chunks
    this.#chunks = []
    return this.#stream.write(chunks)
  }

  async commit(
    message: Message,
    signature: Uint8Array,
    received: Unwritten<ReceivedEvent>,
  ): Promise<readonly WaitingRecipient[]> {
    invariant(!this.#isOver, 'a draft is committed once')
    this.#isOver = true
    const { accept, space } = this.#parts
    if (space.refusal) {
      await this.#stream?.abandon()
      throw space.refusal
    }
    if (this.#stream) await this.#finishStream(this.#stream, message)
    const content = this.#stream?.written ?? joined(this.#chunks, this.#octets)
    this.#chunks = []
    try {
      return await accept({ message, signature, content, received })
    } catch (thrown) {
      await this.#stream?.abandon()
      throw thrown
    }
  }

  abort(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#chunks = []
    // What cannot be deleted now, recovery deletes.
    this.#stream?.abandon().catch(() => undefined)
  }

  async #finishStream(stream: ContentStream, message: Message): Promise<void> {
    const { folder, space } = this.#parts
    try {
      await stream.finish(join(folder, CONTENT_FOLDER), message.id)
    } catch (thrown) {
      await stream.abandon()
      if (isNoRoom(thrown)) {
        space.noRoom()
        throw full('content could not be written')
      }
      if (isShortage(thrown))
        throw new RelayError('RLY_BUSY', `content could not be written: ${messageOf(thrown)}`)
      throw thrown instanceof RelayError ? thrown : space.fail(thrown)
    }
  }
}

/** Of handles or memory in this process, or of handles in the system: it passes, and says nothing about the disk. */
function isShortage(thrown: unknown): boolean {
  return ['EMFILE', 'ENFILE', 'ENOMEM'].includes(systemCode(thrown) ?? '')
}

/** Writes in order; remembers the first failure for `finish`. */
class ContentStream {
  readonly #files: JournalFiles
  #path: string
  #file: JournalFile | null = null
  /** There is a file to delete. */
  #isMade = false
  #end = 0
  #crc = 0
  #failure: unknown = null
  #writes: Promise<void> = Promise.resolve()

  constructor(files: JournalFiles, path: string) {
    this.#files = files
    this.#path = path
  }

  /** Resolves when written; never rejects. */
  write(chunks: readonly Uint8Array[]): Promise<void> {
    this.#writes = this.#writes.then(async () => {
      if (this.#failure !== null) return
      try {
        this.#file ??= await this.#make()
        for (const chunk of chunks) {
          await writeAll(this.#file, chunk, this.#end)
          this.#end += chunk.byteLength
          this.#crc = crc32(chunk, this.#crc)
        }
      } catch (thrown) {
        this.#failure = thrown
      }
    })
    return this.#writes
  }

  /** What the file has to be, once all is written. */
  get written(): FiledContent {
    return { bytes: this.#end, crc: this.#crc }
  }

  async #make(): Promise<JournalFile> {
    const file = await this.#files.open(this.#path, 'new')
    this.#isMade = true
    return file
  }

  /** Makes the content durable under its last name. */
  async finish(folder: string, name: string): Promise<void> {
    await this.#writes
    if (this.#failure !== null) throw this.#failure
    await this.#file?.datasync()
    await this.#close()
    const path = join(folder, name)
    await this.#files.rename(this.#path, path)
    this.#path = path
    await this.#files.syncFolder(folder)
  }

  async abandon(): Promise<void> {
    await this.#writes
    await this.#close()
    if (this.#isMade) await this.#files.unlink(this.#path)
  }

  async #close(): Promise<void> {
    const file = this.#file
    this.#file = null
    await file?.close()
  }
}

/** One chunk is kept as it is, unless it keeps much more memory alive than it needs. */
function joined(chunks: readonly Uint8Array[], octets: number): Uint8Array {
  const [only] = chunks
  if (chunks.length === 1 && only && only.buffer.byteLength <= octets * 2) return only
  return Buffer.concat(chunks, octets)
}
