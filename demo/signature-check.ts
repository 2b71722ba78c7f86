// SPDX-License-Identifier: Apache-2.0
/** Hands delivered messages to the verifier's thread, so many at a time; a provider's 250 waits for its turn. */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { SignatureAnswer, SignatureQuestion, SignatureSetting } from './signature-worker.ts'

/** Content that waits in the thread's queue. */
const WAITING = 200

export class SignatureCheck implements AsyncDisposable {
  readonly #worker: Worker
  readonly #turns: (() => void)[] = []
  #waiting = 0

  constructor(setting: SignatureSetting, onVerdict: (answer: SignatureAnswer) => void) {
    this.#worker = new Worker(new URL('./signature-worker.ts', import.meta.url), {
      workerData: setting,
    })
    this.#worker.on('message', (answer: SignatureAnswer) => {
      this.#waiting--
      this.#turns.shift()?.()
      onVerdict(answer)
    })
  }

  /** Resolves when the message is in the queue. */
  async check(messageId: string, content: Buffer): Promise<void> {
    this.#waiting++
    if (this.#waiting > WAITING) await new Promise<void>((resolve) => this.#turns.push(resolve))
    this.#worker.postMessage({ messageId, content } satisfies SignatureQuestion)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const exited = once(this.#worker, 'exit')
    await this.#worker.terminate()
    await exited
  }
}
