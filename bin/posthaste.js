#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// Plain JavaScript that an old Node can run: it checks the version before anything newer loads.
var major = Number(process.versions.node.split('.')[0])
if (major < 24) {
  console.error(
    'posthaste needs Node 24 or newer; this is Node ' +
      process.versions.node +
      '. In a checkout, "npm run posthaste -- …" uses the Node that "npm ci" installed.',
  )
  process.exit(1)
}
import('../src/app/main.ts').catch((error) => {
  console.error(error)
  process.exit(70)
})
