// Checks CSAF 2.0 documents: the schema and every mandatory test, by the validator of the ecosystem.
//
//   node csaf.mjs FOLDER FILE…     FOLDER has the package in its node_modules
//
// Prints a JSON array, for each file the list of what is wrong with it.
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

const [folder, ...files] = process.argv.slice(2)
const library = join(resolve(folder), 'node_modules', '@secvisogram', 'csaf-validator-lib')
const load = (name) => import(pathToFileURL(join(library, name)).href)
const { default: validate } = await load('validate.js')
const tests = Object.values(await load('basic.js'))

const results = []
for (const file of files) {
  const { tests: done } = await validate(tests, JSON.parse(readFileSync(file, 'utf8')))
  results.push(
    done.flatMap(({ name, errors }) =>
      errors.map(({ instancePath, message }) => `${name} ${instancePath}: ${message}`)
    )
  )
}
console.log(JSON.stringify(results))
