import { Fragment } from 'react';

/** The name of an image, which breaks where its parts end and nowhere else. */
export const ImageName = ({ of }: { of: string }) =>
  of.split(/(?<=\/)/).map((part, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a part is its place
    <Fragment key={index}>
      {index > 0 && <wbr />}
      {part}
    </Fragment>
  ));
