// SPDX-License-Identifier: Apache-2.0
/** `npm test`: the checks of `npm run check`, then unit tests and scenarios with node's summary at the end. */
import { allTests, structureSteps } from './check-steps.ts'
import { runShown, runSteps } from './steps.ts'

const isSound = await runSteps(structureSteps)
console.log()
const isTested = await runShown(allTests)
if (!isSound) console.error('\nThe tests above ran, but a check before them failed; see the top.')
process.exitCode = isSound && isTested ? 0 : 1
