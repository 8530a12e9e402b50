// Loaded before s3rver 3.7.1, which answers a put while the file is still being written, so that a read right behind it may
// find other bytes. S3 does not: here a put is answered when the file is whole, and takes the place of the old one at once.
'use strict';

const crypto = require('crypto');
const fs = require('fs');
const path = require('path');
const { pipeline } = require('stream/promises');
const { Readable, Transform } = require('stream');

const Store = require(path.join(__dirname, '../../build/s3rver/node_modules/s3rver/lib/stores/filesystem'));

async function write(file, content) {
  const md5 = crypto.createHash('md5');
  let size = 0;
  const count = new Transform({
    transform(chunk, encoding, callback) {
      md5.update(chunk);
      size += chunk.length;
      callback(null, chunk);
    },
  });
  const fresh = `${file}.${crypto.randomBytes(8).toString('hex')}`;
  await fs.promises.mkdir(path.dirname(file), { recursive: true });
  const source = Buffer.isBuffer(content) ? Readable.from(content.length ? [content] : []) : content;
  await pipeline(source, count, fs.createWriteStream(fresh));
  await fs.promises.rename(fresh, file);
  return { size, md5: md5.digest('hex') };
}

Store.prototype.putObject = async function (object) {
  const { size, md5 } = await write(this.getResourcePath(object.bucket, object.key, 'object'), object.content);
  await this.putMetadata(object.bucket, object.key, object.metadata, md5);
  return { size, md5 };
};

Store.prototype.putPart = async function (bucket, uploadId, partNumber, content) {
  const file = path.join(this.getResourcePath(bucket, undefined, 'uploads'), uploadId, partNumber.toString());
  const { size, md5 } = await write(file, content);
  await fs.promises.writeFile(`${file}.md5`, md5);
  return { size, md5 };
};
