import { type FileGrant, normalPath } from '@portreeve/domain';
import { itemsOf, member, type Spot, wrong } from '../tree.ts';
import { asMode, asText, present, shown } from '../values.ts';

export type PlacedGrant = { grant: FileGrant; at: Spot };

/** Configs or secrets of a service as files; a secret's relative target lies in /run/secrets, a config's in /. */
export const readGrants = (
  service: Spot,
  key: 'configs' | 'secrets',
  declared: ReadonlySet<string>,
): PlacedGrant[] => itemsOf(member(service, key)).flatMap((at) => readGrant(at, key, declared));

const readGrant = (at: Spot, key: 'configs' | 'secrets', declared: ReadonlySet<string>): PlacedGrant[] => {
  const sourceAt = member(at, 'source');
  const source = asText(at) ?? asText(sourceAt);
  if (source === undefined) return [];
  if (!declared.has(source)) {
    wrong(
      sourceAt ?? at,
      `There is no ${key.slice(0, -1)} ${shown(source)}; add it under the top-level key ${key}.`,
    );
    return [];
  }
  const folder = key === 'secrets' ? '/run/secrets/' : '/';
  const written = asText(member(at, 'target')) ?? source;
  const targetAt = member(at, 'target');
  if (written.endsWith('/'))
    wrong(targetAt ?? at, `“${shown(written)}” is a folder; write the name of the file as well.`);
  const target = normalPath(written.startsWith('/') ? written : `${folder}${written}`);
  const ids = { uid: idOf(member(at, 'uid')), gid: idOf(member(at, 'gid')) };
  return [
    {
      at,
      grant: {
        source,
        target,
        uid: '0',
        gid: '0',
        mode: 0o444,
        ...present({ ...ids, mode: asMode(member(at, 'mode')) }),
      },
    },
  ];
};

const idOf = (at: Spot | undefined): string | undefined => {
  const text = asText(at);
  if (at && text !== undefined && !/^\d{1,10}$/.test(text)) {
    wrong(at, `“${shown(text)}” is no number of a user or group; write it in digits.`);
  }
  return text;
};
