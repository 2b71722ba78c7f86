// SPDX-License-Identifier: Apache-2.0
/** The program. Loads no more than it takes to see which command was given. */
import { basename } from 'node:path'
import { run } from './cli/program.ts'

// Whoever reads our output may stop before its end (`posthaste … | head`).
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

// A link of that name stands where programs look for sendmail.
const isSendmail = basename(process.argv[1] ?? '') === 'sendmail'
const args = process.argv.slice(2)
process.exitCode = await run(isSendmail ? ['sendmail', ...args] : args, {
  output: process.stdout,
  errors: process.stderr,
  environment: process.env,
})
