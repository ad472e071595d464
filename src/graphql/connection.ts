/** Lists in pages, by the Relay cursor connections specification. */
import type { CursorPage } from '../db/cursor-page.ts';
import { builder, type Ref } from './builder.ts';

/** The arguments of a list in pages. */
export const pageArgs = builder.args((t) => ({
  first: t.int({ required: true, description: 'The most to return, from 1 to 100.' }),
  after: t.string({ description: 'The cursor to continue from. Leave it out for the first page.' }),
}));

const PageInfo = builder
  .objectRef<{ hasNextPage: boolean; startCursor: string | null; endCursor: string | null }>(
    'PageInfo',
  )
  .implement({
    description: 'The position of a page in its list.',
    fields: (t) => ({
      hasNextPage: t.exposeBoolean('hasNextPage', {
        description: 'Whether more follows this page.',
      }),
      hasPreviousPage: t.boolean({
        description: 'Always false: lists are paged forward only.',
        resolve: () => false,
      }),
      startCursor: t.exposeString('startCursor', {
        nullable: true,
        description: 'The cursor of the first node; null when the page is empty.',
      }),
      endCursor: t.exposeString('endCursor', {
        nullable: true,
        description:
          'Use it as `after` for the next page: the cursor of the last node, or of the place ' +
          'where the search stopped. Null if there is neither.',
      }),
    }),
  });

/** The connection type of a list, by the Relay cursor connections specification. */
export function connection<Node extends object>(
  nodes: string,
  node: Ref<Node>,
): Ref<CursorPage<Node>> {
  const Edge = builder.objectRef<CursorPage<Node>['edges'][number]>(`${node.name}Edge`).implement({
    description: `One of the ${nodes} on a page.`,
    fields: (t) => ({
      cursor: t.exposeString('cursor', {
        description: 'This place in the list, for `after`.',
      }),
      node: t.field({
        type: node,
        description: 'The item at this place.',
        // For a generic node, Pothos cannot infer what its type resolves from.
        resolve: (edge) => edge.node as never,
      }),
    }),
  });
  return builder.objectRef<CursorPage<Node>>(`${node.name}Connection`).implement({
    description: `A page of ${nodes}.`,
    fields: (t) => ({
      nodes: t.field({
        type: [node],
        description: `The ${nodes} on this page.`,
        // As above.
        resolve: ({ edges }) => edges.map((edge) => edge.node) as never,
      }),
      edges: t.field({
        type: [Edge],
        description: `The same, each with its cursor.`,
        resolve: ({ edges }) => edges,
      }),
      pageInfo: t.field({
        type: PageInfo,
        description: 'The position of this page in the list.',
        resolve: ({ edges, hasNextPage, endCursor }) => ({
          hasNextPage,
          startCursor: edges.at(0)?.cursor ?? null,
          endCursor,
        }),
      }),
    }),
  });
}
