// What npm says of ranges: reads [[RANGE, VERSION], …] as JSON from stdin, prints [true, …].
//
//   node ranges.mjs FOLDER     FOLDER has the package semver in its node_modules
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'

const semver = createRequire(join(resolve(process.argv[2]), 'x.js'))('semver')
const pairs = JSON.parse(readFileSync(0, 'utf8'))
console.log(JSON.stringify(pairs.map(([range, version]) => semver.satisfies(version, range))))
