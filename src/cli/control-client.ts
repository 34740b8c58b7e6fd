/** Asks the running server for a local act, over the control socket in its data directory. */

import { request, type IncomingMessage } from 'node:http'
import { dataDirectory } from '../runtime/data-directory.ts'
import { systemCode } from '../runtime/start-fault.ts'
import { CliFault, shown } from './command.ts'

/** Answers what the server answers. Throws CliFault with the server's sentence, or one about the server. */
export async function askControl(root: string, act: string, input: object): Promise<Record<string, unknown>> {
  let text = ''
  for await (const chunk of await streamControl(root, act, input)) text += chunk
  return JSON.parse(text) as Record<string, unknown>
}

/** The answer as it comes. Throws CliFault, also when it was cut off. */
export async function streamControl(
  root: string,
  act: string,
  input: object,
): Promise<AsyncIterable<string>> {
  const { control } = dataDirectory(root)
  const response = await post(control, act, JSON.stringify(input)).catch((error: unknown) => {
    throw notRunning(root, error)
  })
  if (response.statusCode === 200) return response
  let text = ''
  for await (const chunk of response) text += String(chunk)
  const { message, error } = JSON.parse(text) as Record<string, unknown>
  throw new CliFault(shown(message ?? `The server refused (${shown(error)}).`))
}

const post = (socketPath: string, act: string, body: string): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const asked = request({ socketPath, path: `/${act}`, method: 'POST' }, (response) =>
      resolve(response.setEncoding('utf8')),
    )
    asked.on('error', reject)
    asked.end(body)
  })

function notRunning(root: string, error: unknown): CliFault {
  const code = systemCode(error)
  const directory = dataDirectory(root).root
  return code === 'EACCES'
    ? new CliFault(`This user may not act on ${directory}: use the user that runs Garde.`)
    : new CliFault(`No Garde runs on ${directory}: start it (npm start), or set GARDE_DATA to its directory.`)
}
