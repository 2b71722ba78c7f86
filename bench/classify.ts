// SPDX-License-Identifier: Apache-2.0
/** `npm run bench:classify`: processor time of one classification, over real replies where they are there. */
import { classify } from '../src/protocol/classify/classify.ts'
import { replyInText } from '../src/protocol/classify/reply-in-text.ts'
import { replySamples } from '../test/score/samples.ts'
import { programOptions } from '../test/support/program-options.ts'

programOptions('Usage: npm run bench:classify', {})

const RUNS = 10
const REPLIES_A_RUN = 50_000
const made = ['550 5.1.1 <a@example.com>: No such user', '421 4.7.0 Too many connections from you']

const texts = replySamples()?.map(({ text }) => text) ?? made
const replies = texts.map(replyInText)
const characters = replies.reduce((sum, { text }) => sum + text.length, 0) / replies.length
console.log(`${replies.length} replies of ${Math.round(characters)} characters on average`)
console.log(`classified in ${best(() => replies.forEach((reply) => void classify(reply)))} µs each`)
console.log(
  `read out of a report's words in ${best(() => texts.forEach((text) => void replyInText(text)))} µs each`,
)

/** Of all runs the quickest: others are slowed down by what else the machine does. */
function best(pass: () => void): string {
  const passes = Math.ceil(REPLIES_A_RUN / texts.length)
  const runs = Array.from({ length: RUNS }, () => {
    const before = process.cpuUsage()
    for (let done = 0; done < passes; done++) pass()
    const { user, system } = process.cpuUsage(before)
    return (user + system) / (passes * texts.length)
  })
  return Math.min(...runs).toFixed(2)
}
