// SPDX-License-Identifier: Apache-2.0
/** What every server of ours tells Fastify: no route has a schema, so that its compilers of schemas are never loaded. */
import type { FastifyServerOptions } from 'fastify'

/** Zod reads what is asked, and answers are JSON as they are. */
function none(): never {
  throw new Error('no route has a schema of Fastify')
}

export const withoutSchemas = {
  schemaController: { compilersFactory: { buildValidator: none, buildSerializer: none } },
} satisfies FastifyServerOptions
