// Judges YAML as editors do: read by the library of yaml-language-server, judged by the schema.
// Standard input: {"schema": PATH, "documents": [TEXT, ...]}. Prints a list: "" or what is wrong.
'use strict';
const fs = require('node:fs');
const Ajv = require('ajv');
const yaml = require('yaml');

const { schema, documents } = JSON.parse(fs.readFileSync(0, 'utf8'));
const ajv = new Ajv({ strict: true, strictTypes: false, allErrors: true });
const validate = ajv.compile(JSON.parse(fs.readFileSync(schema, 'utf8')));

const verdicts = documents.map((text) => {
  const document = yaml.parseDocument(text);
  if (document.errors.length > 0) return String(document.errors[0]);
  if (validate(document.toJS())) return '';
  return validate.errors.map((error) => `${error.instancePath} ${error.message}`).join('; ');
});
console.log(JSON.stringify(verdicts));
