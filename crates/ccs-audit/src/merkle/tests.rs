//! Known answers of Certificate Transparency's reference implementations, and every proof of
//! every small tree.

use super::*;

/// The eight leaves that the reference implementations test with.
fn leaves() -> Vec<Vec<u8>> {
    let leaves = [
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    ];
    leaves
        .iter()
        .map(|hex| crate::hash::unhex(hex).expect("hex"))
        .collect()
}

const ROOTS: [&str; 8] = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

/// (leaf from 0, size, proof)
const INCLUSION: [(u64, u64, &[&str]); 5] = [
    (0, 1, &[]),
    (
        0,
        8,
        &[
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        5,
        8,
        &[
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (
        2,
        3,
        &["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
    ),
    (
        1,
        5,
        &[
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
];

/// (old size, new size, proof)
const CONSISTENCY: [(u64, u64, &[&str]); 5] = [
    (1, 1, &[]),
    (
        1,
        8,
        &[
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        6,
        8,
        &[
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (
        2,
        5,
        &[
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
    (
        6,
        7,
        &[
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
];

fn hash(hex: &str) -> Hash {
    Hash::from_hex(hex).expect("64 digits")
}

fn hashes(proof: &[&str]) -> Vec<Hash> {
    proof.iter().map(|hex| hash(hex)).collect()
}

/// A tree with every full node at hand.
struct Tree {
    levels: Vec<Vec<Hash>>,
    roots: Vec<Hash>,
}

impl Tree {
    fn of(leaves: &[Vec<u8>]) -> Self {
        let (mut frontier, mut levels) = (Frontier::default(), vec![Vec::new(); 12]);
        let mut roots = vec![frontier.root()];
        for leaf in leaves {
            let leaf = leaf_hash(leaf);
            levels[0].push(leaf);
            let mut level = 0;
            frontier.push_with(leaf, |node| {
                level += 1;
                levels[level].push(node);
            });
            roots.push(frontier.root());
        }
        Self { levels, roots }
    }

    fn node(&self) -> impl FnMut(u32, u64) -> Result<Hash, ()> {
        |level, index| {
            let nodes = self.levels.get(level as usize).ok_or(())?;
            nodes
                .get(usize::try_from(index).map_err(|_| ())?)
                .copied()
                .ok_or(())
        }
    }
}

#[test]
fn hashes_of_leaves_and_nodes_are_those_of_rfc_6962() {
    for (found, known) in [
        (
            empty_root(),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        ),
        (
            leaf_hash(b""),
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        ),
        (
            leaf_hash(b"L123456"),
            "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56",
        ),
        (
            Hash::of_parts(&[&[1], b"N123", b"N456"]),
            "aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb",
        ),
    ] {
        assert_eq!(found.to_string(), known);
    }
}

#[test]
fn roots_and_proofs_are_those_of_the_reference_tree() {
    let (leaves, roots) = (leaves(), ROOTS.map(hash));
    let tree = Tree::of(&leaves);
    assert_eq!(tree.roots[1..], roots);
    for (size, known) in (1..).zip(roots) {
        assert_eq!(root(size, tree.node()), Ok(known));
    }
    for (index, size, proof) in INCLUSION {
        assert_eq!(inclusion(index, size, tree.node()), Ok(hashes(proof)));
    }
    for (old, new, proof) in CONSISTENCY {
        assert_eq!(consistency(old, new, tree.node()), Ok(hashes(proof)));
    }
}

/// The ways in which the reference implementations spoil a proof.
fn spoiled(proof: &[Hash], roots: [Hash; 2]) -> Vec<Vec<Hash>> {
    let mut all: Vec<Vec<Hash>> = Vec::new();
    for extra in [roots[0], roots[1], Hash::default()] {
        all.push([proof, &[extra]].concat());
        all.push([&[extra], proof].concat());
    }
    if let [first, rest @ ..] = proof {
        all.push(proof[..proof.len() - 1].to_vec());
        all.push([&[*first, Hash::default()], rest].concat());
        all.push([&[*first], proof].concat());
    }
    for place in 0..proof.len() {
        let mut bytes = *proof[place].as_bytes();
        bytes[0] ^= 8;
        let mut changed = proof.to_vec();
        changed[place] = Hash::new(bytes);
        all.push(changed);
    }
    all
}

#[test]
fn a_spoiled_inclusion_proof_does_not_verify() {
    let leaves = leaves();
    for (index, size, proof) in INCLUSION {
        let leaf = leaf_hash(&leaves[usize::try_from(index).expect("small")]);
        let (root, proof) = (
            hash(ROOTS[usize::try_from(size).expect("small") - 1]),
            hashes(proof),
        );
        assert!(verify_inclusion(index, size, leaf, root, &proof));
        for (other, of) in [
            (index.wrapping_sub(1), size),
            (index + 1, size),
            (index ^ 2, size),
            (index, size * 2),
            (index, size / 2),
        ] {
            assert!(
                !verify_inclusion(other, of, leaf, root, &proof),
                "{other} of {of}"
            );
        }
        assert!(!verify_inclusion(
            index,
            size,
            Hash::default(),
            root,
            &proof
        ));
        assert!(!verify_inclusion(index, size, leaf, empty_root(), &proof));
        for bad in spoiled(&proof, [root, root]) {
            assert!(
                !verify_inclusion(index, size, leaf, root, &bad),
                "{index} of {size}: {bad:?}"
            );
        }
    }
}

#[test]
fn a_spoiled_consistency_proof_does_not_verify() {
    let at = |size: u64| (size, hash(ROOTS[usize::try_from(size).expect("small") - 1]));
    for (old, new, proof) in CONSISTENCY {
        let proof = hashes(proof);
        assert!(verify_consistency(at(old), at(new), &proof));
        for bad in spoiled(&proof, [at(old).1, at(new).1]) {
            assert!(
                !verify_consistency(at(old), at(new), &bad),
                "{old} to {new}: {bad:?}"
            );
        }
        if old != new {
            for (from, to) in [
                ((old - 1, at(old).1), at(new)),
                ((old + 1, at(old).1), at(new)),
                ((old ^ 2, at(old).1), at(new)),
                (at(old), (new * 2, at(new).1)),
                (at(old), (new / 2, at(new).1)),
                (at(old), (new, at(old).1)),
                ((old, at(new).1), (new, at(old).1)),
                ((old, Hash::default()), at(new)),
            ] {
                assert!(!verify_consistency(from, to, &proof), "{from:?} {to:?}");
            }
        }
    }
}

#[test]
fn trees_of_no_or_equal_size_need_no_proof_and_accept_none() {
    let (one, two) = (leaf_hash(b"1"), leaf_hash(b"2"));
    for (old, new, proof, holds) in [
        ((0, one), (0, one), &[][..], true),
        ((0, one), (1, two), &[], true),
        ((1, two), (1, two), &[], true),
        ((0, one), (0, two), &[], false),
        ((1, one), (1, two), &[], false),
        ((1, one), (0, two), &[], false),
        ((2, one), (1, two), &[], false),
        ((1, one), (2, two), &[], false),
        ((0, one), (1, one), &[one], false),
        ((1, one), (1, one), &[one], false),
    ] {
        assert_eq!(
            verify_consistency(old, new, proof),
            holds,
            "{old:?} {new:?}"
        );
    }
}

#[test]
fn every_proof_of_every_small_tree_verifies_and_no_other_tree_accepts_it() {
    let leaves: Vec<Vec<u8>> = (0..70u8).map(|byte| vec![byte]).collect();
    let tree = Tree::of(&leaves);
    for size in 1..=70 {
        let root = tree.roots[size];
        for index in 0..size {
            let (at, of) = (index as u64, size as u64);
            let proof = inclusion(at, of, tree.node()).expect("all nodes");
            assert!(verify_inclusion(
                at,
                of,
                tree.levels[0][index],
                root,
                &proof
            ));
            assert!(!verify_inclusion(
                at,
                of,
                tree.levels[0][(index + 1) % 70],
                root,
                &proof
            ));
            let (old, new) = ((at, tree.roots[index]), (of, root));
            let proof = consistency(at, of, tree.node()).expect("all nodes");
            assert!(verify_consistency(old, new, &proof), "{old:?} {new:?}");
            if index > 0 {
                assert!(!verify_consistency(
                    (at, tree.roots[index - 1]),
                    new,
                    &proof
                ));
            }
        }
    }
}

#[test]
fn a_frontier_is_as_good_as_the_tree_for_going_on() {
    let leaves: Vec<Vec<u8>> = (0..40u8).map(|byte| vec![byte]).collect();
    let tree = Tree::of(&leaves);
    for size in 0..40u64 {
        let mut node = tree.node();
        let roots = frontier_nodes(size)
            .map(|(level, index)| node(level, index))
            .collect();
        let mut frontier = Frontier::new(size, Result::expect(roots, "full nodes")).expect("sizes");
        let at = usize::try_from(size).expect("small");
        assert_eq!(frontier.root(), tree.roots[at]);
        frontier.push(tree.levels[0][at]);
        assert_eq!(frontier.root(), tree.roots[at + 1]);
    }
    assert_eq!(Frontier::new(3, vec![Hash::default()]), None);
}
