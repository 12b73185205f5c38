//! Counts that are published: which are shown, so that none from 1 to 4 can be had back.
//!
//! A count of one to four people could name them to whoever knows a little more, so it is told as «<5». A total beside
//! it would give it back by subtraction. So a total is shown only where what it leaves open fits several ways, and is
//! withheld otherwise. Nothing else is hidden: each part of five or more, and each zero, is as it is.
//!
//! Not here: which counts are parts of which total. Whoever publishes a count twice, in two tables or for periods that
//! overlap, undoes this.

/// Below this a count isn't told, unless it is zero.
pub const LEAST: u64 = 5;

/// A count as it is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Published {
    Shown(u64),
    /// 1 to 4.
    UnderFive,
    /// It would give a count under five back.
    Withheld,
}

/// Counts as they are published, and their sum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breakdown {
    /// In the order in which they were given.
    pub parts: Vec<Published>,
    pub total: Published,
}

impl Published {
    /// A count that is part of nothing.
    pub const fn alone(count: u64) -> Self {
        if 0 < count && count < LEAST { Self::UnderFive } else { Self::Shown(count) }
    }

    pub const fn is_shown(self) -> bool {
        matches!(self, Self::Shown(_))
    }
}

impl Breakdown {
    /// Publishes parts and their total.
    ///
    /// The total is shown where no part is hidden, or where two or more are and their sum is neither the least nor the
    /// most that they can have: then each of them can be one of two counts at least. Otherwise it is withheld; then the
    /// hidden ones can all be the least, or the most, or where one alone is hidden, anything.
    pub fn of(counts: &[u64]) -> Self {
        let parts: Vec<Published> = counts.iter().copied().map(Published::alone).collect();
        let hidden: Vec<u64> = counts.iter().copied().filter(|count| !Published::alone(*count).is_shown()).collect();
        let (least, sum) = (hidden.len() as u64, hidden.iter().sum::<u64>());
        let total: u64 = counts.iter().sum();
        let leaves_a_choice = hidden.len() > 1 && sum > least && sum < least * (LEAST - 1);
        let is_shown = hidden.is_empty() || leaves_a_choice && total >= LEAST;
        Self { parts, total: if is_shown { Published::Shown(total) } else { Published::Withheld } }
    }

    /// The sum of totals that were published with their own parts: shown only where each of them is.
    pub fn sum(totals: impl IntoIterator<Item = Published>) -> Published {
        let add = |sum: Option<u64>, total| match total {
            Published::Shown(count) => sum.map(|sum| sum + count),
            Published::UnderFive | Published::Withheld => None,
        };
        totals.into_iter().fold(Some(0), add).map_or(Published::Withheld, Published::Shown)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Every list of so many counts, each up to `most`.
    fn lists(length: usize, most: u64) -> Vec<Vec<u64>> {
        (0..length).fold(vec![Vec::new()], |lists, _| {
            let longer = |list: &Vec<u64>, count| [list.as_slice(), &[count]].concat();
            lists.iter().flat_map(|list| (0..=most).map(move |count| longer(list, count))).collect()
        })
    }

    #[test]
    fn a_count_of_one_to_four_is_never_told_and_a_total_that_gives_it_back_is_not_either() {
        use Published::{Shown, UnderFive, Withheld};
        let of = |counts: &[u64]| {
            let Breakdown { parts, total } = Breakdown::of(counts);
            (parts, total)
        };
        assert_eq!(of(&[7, 0, 12]), (vec![Shown(7), Shown(0), Shown(12)], Shown(19)));
        assert_eq!(of(&[7, 3]), (vec![Shown(7), UnderFive], Withheld), "7 + x is x");
        assert_eq!(of(&[7, 3, 2]), (vec![Shown(7), UnderFive, UnderFive], Shown(12)));
        assert_eq!(of(&[7, 1, 1]).1, Withheld, "both are 1");
        assert_eq!(of(&[7, 4, 4]).1, Withheld, "both are 4");
        assert_eq!(of(&[2, 0]), (vec![UnderFive, Shown(0)], Withheld));
        assert_eq!((of(&[]).1, of(&[0, 0]).1), (Shown(0), Shown(0)));
        assert_eq!(Breakdown::sum([Shown(5), Shown(7)]), Shown(12));
        assert_eq!(Breakdown::sum([Shown(5), Withheld]), Withheld);
    }

    /// Whoever knows all that is published, and how it is published, tries every list that looks the same.
    #[test]
    fn no_count_under_five_follows_from_what_is_published() {
        for length in 1..=4 {
            let most = if length == 4 { 6 } else { 9 };
            let mut alike: Vec<(Breakdown, Vec<Vec<u64>>)> = Vec::new();
            for list in lists(length, most) {
                let published = Breakdown::of(&list);
                match alike.iter_mut().find(|(other, _)| *other == published) {
                    Some((_, lists)) => lists.push(list),
                    None => alike.push((published, vec![list])),
                }
            }
            for (published, lists) in &alike {
                for (at, _) in published.parts.iter().enumerate().filter(|(_, part)| !part.is_shown()) {
                    let first = lists[0][at];
                    assert!(lists.iter().any(|list| list[at] != first), "{published:?} is {lists:?} alone");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn what_is_published_holds_no_small_count_and_hides_nothing_else(
            counts in prop::collection::vec(prop_oneof![0..8_u64, 0..2_000_u64], 0..12),
        ) {
            let Breakdown { parts, total } = Breakdown::of(&counts);
            for (count, part) in counts.iter().zip(&parts) {
                let is_small = (1..5).contains(count);
                prop_assert_eq!(*part, if is_small { Published::UnderFive } else { Published::Shown(*count) });
            }
            let sum: u64 = counts.iter().sum();
            prop_assert!(total == Published::Shown(sum) && !(1..5).contains(&sum) || total == Published::Withheld);
            prop_assert!(total.is_shown() || parts.contains(&Published::UnderFive));
        }

        #[test]
        fn each_hidden_count_can_be_another_with_the_same_published(
            counts in prop::collection::vec(prop_oneof![0..8_u64, 0..2_000_u64], 1..12),
        ) {
            let published = Breakdown::of(&counts);
            let hidden: Vec<usize> = (0..counts.len()).filter(|at| !published.parts[*at].is_shown()).collect();
            for at in &hidden {
                // One more and one less elsewhere; one more or less alone; all the least, or all the most.
                let mut others = Vec::new();
                for other in hidden.iter().filter(|other| *other != at) {
                    for (up, down) in [(*at, *other), (*other, *at)] {
                        let mut list = counts.clone();
                        (list[up], list[down]) = (list[up] + 1, list[down] - 1);
                        others.push(list);
                    }
                }
                for count in [1, 4, counts[*at] + 1, counts[*at] - 1] {
                    let mut list = counts.clone();
                    list[*at] = count;
                    others.push(list.clone());
                    for at in &hidden {
                        list[*at] = count;
                    }
                    others.push(list);
                }
                // Two steps: from one extreme to the middle of three.
                let same = |list: &Vec<u64>| list[*at] != counts[*at] && Breakdown::of(list) == published;
                prop_assert!(others.iter().any(same), "{:?} is {:?} alone", published, counts);
            }
        }
    }
}
