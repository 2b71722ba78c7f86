// SPDX-License-Identifier: Apache-2.0
/** The program. Loads no more than it takes to see which command was given. */
import { run } from './cli/program.ts'

// Whoever reads our output may stop before its end (`posthaste … | head`).
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

process.exitCode = await run(process.argv.slice(2), {
  output: process.stdout,
  errors: process.stderr,
  environment: process.env,
})
