// SPDX-License-Identifier: Apache-2.0
/** Small real proxies on loopback: a SOCKS5 server that wants a login, and one that is told by a PROXY line whom to call. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** Octets of a socket, as many as are asked for. */
class Reader {
  readonly #socket: Socket
  #input = Buffer.alloc(0)

  constructor(socket: Socket) {
    this.#socket = socket
  }

  async take(count: number): Promise<Buffer> {
    while (this.#input.length < count) {
      const chunk = (await once(this.#socket, 'data'))[0] as Buffer
      this.#input = Buffer.concat([this.#input, chunk])
    }
    const taken = this.#input.subarray(0, count)
    this.#input = this.#input.subarray(count)
    return taken
  }

  async line(): Promise<string> {
    let text = ''
    while (!text.endsWith('\r\n')) text += (await this.take(1)).toString('latin1')
    return text.trimEnd()
  }
}

export class RunningProxy implements AsyncDisposable {
  /** What each connection asked for, in words. */
  readonly asked: string[] = []
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  static async start(
    serve: (socket: Socket, asked: string[]) => Promise<void>,
    port = 0,
  ): Promise<RunningProxy> {
    const proxy = new RunningProxy(serve)
    proxy.#server.listen(port, '127.0.0.1')
    await once(proxy.#server, 'listening')
    return proxy
  }

  private constructor(serve: (socket: Socket, asked: string[]) => Promise<void>) {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => this.#sockets.delete(socket))
      // A client that goes in the middle of what it says is of no interest.
      serve(socket, this.asked).catch(() => socket.destroy())
    })
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#server.listening) return
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

/** RFC 1928 and 1929, CONNECT to IPv4 alone. */
export async function serveSocks(client: Socket, asked: string[]): Promise<void> {
  const reader = new Reader(client)
  const [, count = 0] = await reader.take(2)
  const methods = await reader.take(count)
  if (!methods.includes(2)) {
    client.end(Buffer.from([5, 0xff]))
    return
  }
  client.write(Buffer.from([5, 2]))
  const [, nameLength = 0] = await reader.take(2)
  const user = (await reader.take(nameLength)).toString()
  const [secretLength = 0] = await reader.take(1)
  const password = (await reader.take(secretLength)).toString()
  if (user !== 'relay' || password !== 'sesame') {
    client.end(Buffer.from([1, 1]))
    return
  }
  client.write(Buffer.from([1, 0]))
  const request = await reader.take(10)
  const host = request.subarray(4, 8).join('.')
  asked.push(`${user} to ${host}`)
  joined(client, host, request.readUInt16BE(8), () =>
    client.write(Buffer.from([5, 0, 0, 1, 127, 0, 0, 1, 0, 0])),
  )
}

export async function serveProxyLine(client: Socket, asked: string[]): Promise<void> {
  const line = await new Reader(client).line()
  asked.push(line)
  const [, , , host = '', , port] = line.split(' ')
  joined(client, host, Number(port), () => {})
}

function joined(client: Socket, host: string, port: number, onConnect: () => void): void {
  const target = connect({ host, port })
  target.once('connect', () => {
    onConnect()
    target.pipe(client)
    client.pipe(target)
  })
  target.on('error', () => client.destroy())
}
