/** Asks the running server for a local act, over the control socket in its data directory. */

import { request } from 'node:http'
import { dataDirectory } from '../runtime/data-directory.ts'
import { systemCode } from '../runtime/start-fault.ts'
import { CliFault, shown } from './command.ts'

/** Answers what the server answers. Throws CliFault with the server's sentence, or one about the server. */
export async function askControl(root: string, act: string, input: object): Promise<Record<string, unknown>> {
  const { control } = dataDirectory(root)
  const { status, text } = await post(control, act, JSON.stringify(input)).catch((error: unknown) => {
    throw notRunning(root, error)
  })
  const answer = JSON.parse(text) as Record<string, unknown>
  if (status === 200) return answer
  throw new CliFault(shown(answer['message'] ?? `The server refused (${shown(answer['error'])}).`))
}

const post = (socketPath: string, act: string, body: string): Promise<{ status: number; text: string }> =>
  new Promise((resolve, reject) => {
    const asked = request({ socketPath, path: `/${act}`, method: 'POST' }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (text += chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
      response.on('error', reject)
    })
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
