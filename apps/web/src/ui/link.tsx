import NextLink from 'next/link';
import type { ComponentProps } from 'react';

/** A link inside the console. Nothing is fetched before it is pressed: a list has hundreds of them. */
export const Link = (props: ComponentProps<typeof NextLink>) => <NextLink prefetch={false} {...props} />;
